"""Instances: a terminated one stays so and lets go of its interface and address, and its groups are those of its interface."""

import copy

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance

from emulators.wrapping import wrapping


@wrapping(Instance, "setup_defaults")
def setup_defaults(original, self):
    """The root volume stands at the root device: moto puts it at /dev/sda1 whatever the image says."""
    original(self)
    block = self.block_device_mapping.pop("/dev/sda1")
    self.block_device_mapping[self.root_device_name] = block
    self.ec2_backend.get_volume(block.volume_id).attachment.device = self.root_device_name


def refuses_the_terminated(name):
    @wrapping(Instance, name)
    def unless_terminated(original, self):
        if self.state == "terminated":
            raise EC2ClientError(
                "IncorrectInstanceState",
                f"The instance '{self.id}' is not in a state from which it can be started or stopped.",
            )
        return original(self)


refuses_the_terminated("start")
refuses_the_terminated("stop")


@wrapping(Instance, "terminate")
def terminate(original, self):
    if self.state == "terminated":
        return copy.copy(self._state)
    for address in list(self.ec2_backend.addresses):
        if address.eni and address.eni.instance is self:
            self.ec2_backend.disassociate_address(address=address.public_ip)
    for interface in self.nics.values():
        interface.delete_on_termination = True
    return original(self)


Instance.network_interfaces = property(lambda self: [] if self.state == "terminated" else list(self.nics.values()))
NetworkInterface.group_set = property(lambda self: self._group_set)


@wrapping(NetworkInterfaceBackend, "modify_network_interface_attribute")
def modify_network_interface_attribute(original, self, eni_id, group_ids, *arguments, **named):
    for group_id in group_ids:
        if self.get_security_group_from_id(group_id) is None:
            raise EC2ClientError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    original(self, eni_id, group_ids, *arguments, **named)
    interface = self.get_network_interface(eni_id)
    if interface.instance and interface.device_index == 0:
        interface.instance.security_groups = list(interface._group_set)
