"""Images: CreateImage as EC2 does it, disabled images that are shared with nobody, and two filters."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.spot_requests import SpotInstanceRequest

from emulators.wrapping import wrapping


def filtered_by(model, name, value):
    """Lets a model be filtered by what this name stands for."""

    @wrapping(model, "get_filter_value")
    def get_filter_value(original, self, filter_name, method_name=None):
        return value(self) if filter_name == name else original(self, filter_name, method_name)


def snapshot_ids(image):
    return [device["Ebs"]["SnapshotId"] for device in image.block_device_mappings]


filtered_by(SpotInstanceRequest, "launch.image-id", lambda request: request.launch_specification.image_id)
filtered_by(Ami, "block-device-mapping.snapshot-id", snapshot_ids)

devices_of_any_image = Ami.block_device_mappings
Ami.block_device_mappings = property(
    lambda self: getattr(self, "sunset_devices", None) or devices_of_any_image.fget(self)
)


@wrapping(AmiBackend, "create_image")
def create_image(original, self, instance_id, name, description, tag_specifications):
    """An image has a snapshot of every volume of its instance: with moto it would have one of 15 GiB of nothing."""
    if any(image.name == name and image.owner_id == self.account_id for image in self.amis.values()):
        raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use")
    of_image = [spec for spec in tag_specifications if spec["ResourceType"] != "snapshot"]
    of_snapshots = [spec for spec in tag_specifications if spec["ResourceType"] == "snapshot"]
    image = original(self, instance_id, name, description, of_image)
    del self.snapshots[image.ebs_snapshot.id]
    instance = self.get_instance(instance_id)
    image.root_device_name, image.root_device_type = instance.root_device_name, "ebs"
    image.sunset_devices = []
    for device, block in instance.get_block_device_mapping:
        snapshot = self.create_snapshot(
            block.volume_id, f"Created by CreateImage({instance_id}) for {image.id}", from_ami=image.id
        )
        snapshot.add_tags({tag["Key"]: tag["Value"] for spec in of_snapshots for tag in spec["Tags"]})
        ebs = {
            "SnapshotId": snapshot.id,
            "VolumeSize": snapshot.volume_size,
            "VolumeType": snapshot.volume.volume_type,
            "DeleteOnTermination": block.delete_on_termination,
            "Encrypted": snapshot.encrypted,
        }
        image.sunset_devices.append({"DeviceName": device, "Ebs": ebs})
    return image


@wrapping(AmiBackend, "disable_image")
def disable_image(original, self, ami_id):
    original(self, ami_id)
    self.amis[ami_id].launch_permissions.clear()
