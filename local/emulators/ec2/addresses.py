"""Elastic IPs: none is released while it is associated, and one stays with its instance while that is stopped."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_ip_addresses import ElasticAddress, ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from emulators.wrapping import wrapping

# An address without an association has no instance and no interface; moto says that their ids are empty.
ElasticAddress.instance_id = property(lambda self: self.instance.id if self.instance else None)
ElasticAddress.network_interface_id = property(lambda self: self.eni.id if self.eni else None)


@wrapping(ElasticAddressBackend, "associate_address")
def associate_address(original, self, instance=None, eni=None, *arguments, **named):
    address = original(self, instance, eni, *arguments, **named)
    if address.eni and not address.instance:
        address.instance = address.eni.instance
    return address


@wrapping(ElasticAddressBackend, "release_address")
def release_address(original, self, address=None, allocation_id=None):
    found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
    if found[0].association_id:
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
    return original(self, address, allocation_id)


def elastic(interface):
    return next((it for it in getattr(interface.ec2_backend, "addresses", []) if it.eni is interface), None)


def keeps_its_elastic_address(name):
    @wrapping(NetworkInterface, name)
    def kept(original, self):
        original(self)
        address = elastic(self)
        if address:
            self.public_ip = address.public_ip


keeps_its_elastic_address("start")
keeps_its_elastic_address("stop")

association_of_any_owner = NetworkInterface.association


def association(interface):
    """An address that was assigned at launch is Amazon's; with moto it is the account's."""
    found = association_of_any_owner.fget(interface)
    if found and not elastic(interface):
        found["ipOwnerId"] = "amazon"
    return found


NetworkInterface.association = property(association)
