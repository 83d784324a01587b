"""Looking at an instance: the same calls as the functions make, and how each source was read."""

import os

import boto3
from botocore.exceptions import ClientError

import ledger
from account import ec2, pages, tags
from process import text

TRACKING, DEPENDENCIES = os.environ["SUNSET_TRACKING_TABLE"], os.environ["SUNSET_DEPENDENCIES_TABLE"]

autoscaling = None
elbv2 = None


def reads_whole_instances():
    """Makes the clients that only a look at an instance that exists needs; called while the function starts."""
    global autoscaling, elbv2
    autoscaling = boto3.client("autoscaling")
    elbv2 = boto3.client("elbv2")


def instance_of(instance_id):
    """The instance with its owner; nothing, where EC2 says that it does not exist."""
    try:
        answer = ec2.describe_instances(InstanceIds=[instance_id], IncludeManagedResources=True)
    except ClientError as error:
        if error.response["Error"]["Code"].endswith(".NotFound"):
            return None
        raise
    for reservation in answer["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["InstanceId"] == instance_id:
                return {**instance, "OwnerId": reservation["OwnerId"]}
    return None


class Sight:
    """What a look gathers, source by source."""

    def __init__(self):
        self.found = None
        self.dependents = []
        self.protections = []
        self.last_activity = None
        self.coverages = {}

    def read(self, source, call):
        """What a source gives; an error is a fact too."""
        try:
            items = call()
        except ClientError as error:
            self.coverages[source] = {"coverage": "failed", "detail": str(error)}
            return []
        known = self.coverages.get(source, {"coverage": "complete", "items": 0})
        if known["coverage"] == "complete":
            self.coverages[source] = {**known, "items": known["items"] + len(items)}
        return items

    def depends(self, source, kind, name, relation, dependency):
        self.dependents.append(
            {"kind": kind, "id": name, "relation": relation, "dependency": dependency, "source": source}
        )


def protection(instance_id, attribute, member, code):
    answer = ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=attribute)
    return [(code, answer[member]["Value"])]


def filtered(call, member, name, value, size):
    return list(
        pages(
            call,
            member,
            Filters=[{"Name": name, "Values": [value]}],
            IncludeManagedResources=True,
            MaxResults=size,
        )
    )


def attachment(volume, instance_id):
    held = [one for one in volume["Attachments"] if one["InstanceId"] == instance_id and one["State"] != "detached"]
    return held[0] if held else None


def ips(instance):
    found = set()
    for interface in instance.get("NetworkInterfaces", []):
        found.update(ip["PrivateIpAddress"] for ip in interface.get("PrivateIpAddresses", []))
        found.update(ip["Ipv6Address"] for ip in interface.get("Ipv6Addresses", []))
    return found


def target_groups(sight, instance):
    def groups():
        found, arguments = [], {"PageSize": 400}
        while True:
            page = elbv2.describe_target_groups(**arguments)
            found += page["TargetGroups"]
            if "NextMarker" not in page:
                return found
            arguments["Marker"] = page["NextMarker"]

    own = ips(instance) | {instance["InstanceId"]}
    for group in sight.read("target_groups", groups):
        same = group.get("VpcId") == instance.get("VpcId")
        if group["TargetType"] in ("lambda", "alb") or (group["TargetType"] == "instance" and not same):
            continue
        health = elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        if any(one["Target"]["Id"] in own for one in health["TargetHealthDescriptions"]):
            relation = "sends it traffic" if same else "sends traffic to an address like its own"
            dependency = "critical" if same else "unknown"
            sight.depends("target_groups", "target_group", group["TargetGroupName"], relation, dependency)


def auto_scaling_groups(sight, instance_id):
    def groups():
        return list(pages(autoscaling.describe_auto_scaling_groups, "AutoScalingGroups", MaxRecords=100))

    for group in sight.read("auto_scaling_groups", groups):
        if any(instance["InstanceId"] == instance_id for instance in group["Instances"]):
            name = group["AutoScalingGroupName"]
            relation = "runs it and replaces it when it goes"
            sight.depends("auto_scaling_groups", "auto_scaling_group", name, relation, "required")


def configuration(instance, volumes, addresses, interfaces):
    instance_id = instance["InstanceId"]
    elastic = {address["PublicIp"] for address in addresses}
    public = instance.get("PublicIpAddress")
    attached = []
    for volume in volumes:
        held = attachment(volume, instance_id)
        attached.append(
            {
                "volume_id": volume["VolumeId"],
                "device": held["Device"],
                "delete_on_termination": held["DeleteOnTermination"],
                "size_gib": volume["Size"],
                "volume_type": volume["VolumeType"],
                "encrypted": volume["Encrypted"],
                "kms_key_id": volume.get("KmsKeyId"),
            }
        )
    own = {interface["NetworkInterfaceId"] for interface in instance.get("NetworkInterfaces", [])}
    own.update(interface["NetworkInterfaceId"] for interface in interfaces)
    return {
        "type": "instance",
        "state": instance["State"]["Name"],
        "instance_type": instance["InstanceType"],
        "image_id": instance.get("ImageId"),
        "launched_at": text(instance["LaunchTime"]),
        "availability_zone": instance["Placement"]["AvailabilityZone"],
        "root_device_type": instance.get("RootDeviceType"),
        "lifecycle": instance.get("InstanceLifecycle"),
        "auto_assigned_public_ip": public if public not in elastic else None,
        "allocation_ids": sorted(address["AllocationId"] for address in addresses),
        "volumes": sorted(attached, key=lambda volume: (volume["device"], volume["volume_id"])),
        "network_interface_ids": sorted(own),
        "security_group_ids": sorted(group["GroupId"] for group in instance.get("SecurityGroups", [])),
    }


def found(instance, volumes=(), addresses=(), interfaces=()):
    made = [
        interface["Attachment"]["AttachTime"]
        for interface in instance.get("NetworkInterfaces", [])
        if interface["Attachment"]["DeviceIndex"] == 0
    ]
    own = tags(instance)
    return {
        "owner_id": instance["OwnerId"],
        "name": own.get("Name"),
        "tags": own,
        "created_at": text(min(made)) if made else None,
        "configuration": configuration(instance, volumes, addresses, interfaces),
    }


def look(sight, instance_id):
    read = sight.read("resource", lambda: [one for one in [instance_of(instance_id)] if one])
    if not read:
        return
    instance = read[0]
    if instance["State"]["Name"] == "terminated":
        sight.found = found(instance)
        return
    attributes = (
        ("disableApiTermination", "DisableApiTermination", "termination_protection"),
        ("disableApiStop", "DisableApiStop", "stop_protection"),
    )
    for attribute, member, code in attributes:
        for code, on in sight.read("attributes", lambda: protection(instance_id, attribute, member, code)):
            if on:
                said = code.replace("_", " ")
                detail = f"{said} is on; whoever set it has to switch it off"
                sight.protections.append({"code": code, "detail": detail})
    volumes = sight.read(
        "volumes",
        lambda: filtered(ec2.describe_volumes, "Volumes", "attachment.instance-id", instance_id, 500),
    )
    addresses = sight.read(
        "addresses",
        lambda: ec2.describe_addresses(Filters=[{"Name": "instance-id", "Values": [instance_id]}])["Addresses"],
    )
    interfaces = sight.read(
        "network_interfaces",
        lambda: filtered(
            ec2.describe_network_interfaces, "NetworkInterfaces", "attachment.instance-id", instance_id, 1000
        ),
    )
    target_groups(sight, instance)
    auto_scaling_groups(sight, instance_id)
    sight.last_activity = {"at": text(instance["LaunchTime"]), "what": "was started"}
    sight.found = found(instance, volumes, addresses, interfaces)


def get(table, **key):
    key = {name: {"S": value} for name, value in key.items()}
    item = ledger.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return [{name: ledger.deserialize(value) for name, value in item.items()}] if item else []


def dependent(said):
    if isinstance(said, str):
        said = {"id": said}
    kinds = [said[name] for name in ("resource_type", "type", "kind", "ResourceType") if name in said]
    names = [said[name] for name in ("resource_id", "id", "name", "ResourceId") if name in said]
    dependency = str(said.get("dependency_type", "")).lower()
    known = dependency in ("critical", "required", "optional")
    return {
        "kind": kinds[0] if kinds else "resource",
        "id": names[0],
        "relation": "depends on it, as its team says",
        "dependency": dependency if known else "unknown",
        "source": "resource_dependencies",
    }


def glance(resource, now):
    """Whether an instance is there, and in which state; nothing around it."""
    sight = Sight()
    for instance in sight.read("resource", lambda: [one for one in [instance_of(resource["resource_id"])] if one]):
        sight.found = found(instance)
    return {"resource": resource, "observed_at": now, "found": sight.found, "coverages": sight.coverages}


def observe(resource, now):
    """What an instance is, who depends on it, what protects it, and how each of these was read."""
    sight = Sight()
    instance_id = resource["resource_id"]
    look(sight, instance_id)
    tracked = sight.read(
        "resource_tracking",
        lambda: get(TRACKING, ResourceId=instance_id, ResourceType=resource["resource_type"]),
    )
    depending = sight.read("resource_dependencies", lambda: get(DEPENDENCIES, ResourceId=instance_id))
    data = tracked[0].get("TrackingData", {}) if tracked else {}
    sight.dependents += [dependent(said) for one in depending for said in one.get("Dependents", [])]
    return {
        "resource": resource,
        "observed_at": now,
        "found": sight.found,
        "dependents": sight.dependents,
        "protections": sight.protections,
        "tracking": {name: data.get(name) for name in ("environment", "project", "owner")} if tracked else None,
        "last_activity": sight.last_activity,
        "coverages": sight.coverages,
    }
