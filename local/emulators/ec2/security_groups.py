"""Security groups: none is deleted while an interface stands in it or another group's rule names it."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.security_groups import SecurityGroupBackend

from emulators.wrapping import wrapping


@wrapping(SecurityGroupBackend, "delete_security_group")
def delete_security_group(original, self, name=None, group_id=None):
    group = self.get_security_group_from_id(group_id) if group_id else self.get_security_group_by_name_or_id(name)
    if group:
        if group.is_default or group.name == "default":
            raise EC2ClientError("CannotDelete", "the specified group: \"default\" name: cannot be deleted by a user")
        held = any(group in interface._group_set for interface in self.enis.values())
        named = any(
            rule.source_group.get("GroupId") == group.id
            for other in self.describe_security_groups()
            if other.id != group.id
            for rule in other.ingress_rules + other.egress_rules
        )
        if held or named:
            raise EC2ClientError("DependencyViolation", f"resource {group.id} has a dependent object")
    return original(self, name, group_id)
