"""Volumes and snapshots: attachments that refuse what EC2 refuses, and say what EC2 says."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import EBSBackend, VolumeAttachment

from emulators.wrapping import wrapping


def goes_with_the_instance(attachment):
    block = attachment.instance.block_device_mapping.get(attachment.device)
    return bool(block and block.delete_on_termination)


VolumeAttachment.delete_on_termination = property(goes_with_the_instance)


@wrapping(EBSBackend, "attach_volume")
def attach_volume(original, self, volume_id, instance_id, device_path, delete_on_termination=False):
    if self.get_volume(volume_id).attachment:
        raise EC2ClientError("VolumeInUse", f"{volume_id} is already attached to an instance")
    instance = self.get_instance(instance_id)
    if device_path in instance.block_device_mapping:
        raise EC2ClientError("InvalidParameterValue", f"Attachment point {device_path} is already in use")
    if instance.state == "terminated":
        raise EC2ClientError("IncorrectState", f"Instance '{instance_id}' is not 'running' or 'stopped'.")
    return original(self, volume_id, instance_id, device_path, delete_on_termination)


@wrapping(EBSBackend, "detach_volume")
def detach_volume(original, self, volume_id, instance_id, device_path):
    attachment = self.get_volume(volume_id).attachment
    if attachment is None:
        raise EC2ClientError("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
    return original(self, volume_id, instance_id or attachment.instance.id, device_path)


@wrapping(EBSBackend, "create_snapshot")
def create_snapshot(original, self, volume_id, *arguments, **named):
    snapshot = original(self, volume_id, *arguments, **named)
    snapshot.kms_key_id = snapshot.volume.kms_key_id
    return snapshot
