"""Reading the account: the same calls, pages and filters as the functions make."""

import re

import boto3

ec2 = boto3.client("ec2")
autoscaling = None
ssm = None

AMI = re.compile(r"ami-[0-9a-f]+")
HEADS = ["$Latest", "$Default"]


def reads_all_uses():
    """Makes the clients that only a reading of all uses needs; called while the function starts."""
    global autoscaling, ssm
    autoscaling = boto3.client("autoscaling")
    ssm = boto3.client("ssm")


def pages(call, member, **arguments):
    while True:
        page = call(**arguments)
        yield from page.get(member, [])
        token = page.get("NextToken")
        if not token:
            return
        arguments["NextToken"] = token


def images(**filters):
    return list(
        pages(
            ec2.describe_images,
            "Images",
            Owners=["self"],
            IncludeDisabled=True,
            IncludeDeprecated=True,
            MaxResults=1000,
            **filters,
        )
    )


def look_at(image_id):
    found = ec2.describe_images(
        Owners=["self"], IncludeDisabled=True, IncludeDeprecated=True, ImageIds=[image_id]
    )["Images"]
    return found[0] if found else None


def tags(document):
    return {tag["Key"]: tag["Value"] for tag in document.get("Tags", [])}


def snapshot_ids(image):
    return [
        mapping["Ebs"]["SnapshotId"]
        for mapping in image.get("BlockDeviceMappings", [])
        if mapping.get("Ebs", {}).get("SnapshotId")
    ]


def stem(name):
    """A family's name: without the trailing versions."""
    while (shorter := re.sub(r"[-_. /:]+[vVr]?\d+$", "", name)) != name:
        name = shorter
    return name


def family(image):
    return tags(image).get("sunset:family", "").strip() or stem(image.get("Name", ""))


def family_of(image):
    name = family(image)
    named = images(Filters=[{"Name": "name", "Values": [name + "*"]}])
    tagged = images(Filters=[{"Name": "tag:sunset:family", "Values": ["*" + name + "*"]}])
    return list({member["ImageId"]: member for member in named + tagged}.values())


def launch_permissions(image_id):
    answer = ec2.describe_image_attribute(ImageId=image_id, Attribute="launchPermission")
    return answer.get("LaunchPermissions", [])


class Reading:
    """Who uses which image, and how many things each source held."""

    def __init__(self):
        self.uses = {}
        self.items = {}

    def add(self, image_id, by):
        if image_id and image_id.startswith("ami-"):
            self.uses.setdefault(image_id, []).append(by)

    def count(self, source, number=1):
        self.items[source] = self.items.get(source, 0) + number


def read_instances(reading, **filters):
    reading.count("instances", 0)
    for reservation in pages(
        ec2.describe_instances, "Reservations", IncludeManagedResources=True, MaxResults=1000, **filters
    ):
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] != "terminated":
                reading.count("instances")
                by = {"kind": "instance", "id": instance["InstanceId"], "state": instance["State"]["Name"]}
                reading.add(instance["ImageId"], by)


def read_spot_requests(reading, **filters):
    reading.count("spot_instance_requests", 0)
    for request in pages(
        ec2.describe_spot_instance_requests, "SpotInstanceRequests", MaxResults=1000, **filters
    ):
        if request["State"] not in ("closed", "cancelled", "failed"):
            reading.count("spot_instance_requests")
            by = {"kind": "spot_instance_request", "id": request["SpotInstanceRequestId"]}
            reading.add(request.get("LaunchSpecification", {}).get("ImageId"), by)


def template_versions(**arguments):
    return pages(
        ec2.describe_launch_template_versions,
        "LaunchTemplateVersions",
        IncludeManagedResources=True,
        MaxResults=200,
        **arguments,
    )


class Templates:
    def __init__(self):
        self.versions = {}
        self.ids = {}
        self.heads = {}

    def add(self, version, head=False):
        key, number = version["LaunchTemplateId"], version["VersionNumber"]
        self.ids[version["LaunchTemplateName"]] = key
        self.versions[key, number] = version
        if head:
            heads = self.heads.setdefault(key, {})
            heads["$Latest"] = max(number, heads.get("$Latest", 0))
            if version.get("DefaultVersion"):
                heads["$Default"] = number

    def read_heads(self, **filters):
        for version in template_versions(Versions=HEADS, **filters):
            self.add(version, head=True)

    def resolve(self, spec):
        key = spec.get("LaunchTemplateId") or self.ids.get(spec.get("LaunchTemplateName"))
        version = spec.get("Version") or "$Default"
        return key, self.heads.get(key, {}).get(version) if version.startswith("$") else int(version)

    def read_pinned(self, specs):
        missing = {}
        for spec in specs:
            key, number = self.resolve(spec)
            if key and number and (key, number) not in self.versions:
                missing.setdefault(key, set()).add(str(number))
        for key, numbers in missing.items():
            for version in template_versions(LaunchTemplateId=key, Versions=sorted(numbers)):
                self.add(version)

    def image_of(self, spec):
        version = self.versions.get(self.resolve(spec), {})
        return version.get("LaunchTemplateData", {}).get("ImageId")

    def note(self, reading):
        reading.count("launch_templates", len(self.versions))
        for (key, number), version in self.versions.items():
            by = {"kind": "launch_template", "id": key, "name": version["LaunchTemplateName"], "version": number}
            reading.add(version.get("LaunchTemplateData", {}).get("ImageId"), by)


def group_specs(group):
    """The templates a group launches from, and the images that its overrides name."""
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    overrides = mixed.get("Overrides", [])
    specs = [group.get("LaunchTemplate"), mixed.get("LaunchTemplateSpecification")]
    specs += [override.get("LaunchTemplateSpecification") for override in overrides]
    return [spec for spec in specs if spec], [override["ImageId"] for override in overrides if "ImageId" in override]


def read_unfilterable():
    reading = Reading()
    templates = Templates()
    templates.read_heads()
    launching = []
    reading.count("auto_scaling_groups", 0)
    for group in pages(
        autoscaling.describe_auto_scaling_groups, "AutoScalingGroups", IncludeInstances=False, MaxRecords=100
    ):
        reading.count("auto_scaling_groups")
        by = {"kind": "auto_scaling_group", "name": group["AutoScalingGroupName"]}
        specs, named = group_specs(group)
        launching += [(by, spec) for spec in specs]
        for image_id in named:
            reading.add(image_id, by)
    reading.count("launch_configurations", 0)
    for configuration in pages(
        autoscaling.describe_launch_configurations, "LaunchConfigurations", MaxRecords=100
    ):
        reading.count("launch_configurations")
        by = {"kind": "launch_configuration", "name": configuration["LaunchConfigurationName"]}
        reading.add(configuration["ImageId"], by)
    reading.count("spot_fleet_requests", 0)
    for request in pages(ec2.describe_spot_fleet_requests, "SpotFleetRequestConfigs", MaxResults=1000):
        if not request["SpotFleetRequestState"].startswith("cancelled"):
            reading.count("spot_fleet_requests")
            by = {"kind": "spot_fleet_request", "id": request["SpotFleetRequestId"]}
            config = request["SpotFleetRequestConfig"]
            for launch in config.get("LaunchSpecifications", []):
                reading.add(launch.get("ImageId"), by)
            for template in config.get("LaunchTemplateConfigs", []):
                launching.append((by, template["LaunchTemplateSpecification"]))
    reading.count("fleets", 0)
    for fleet in pages(ec2.describe_fleets, "Fleets", MaxResults=1000):
        if not fleet["FleetState"].startswith("deleted"):
            reading.count("fleets")
            by = {"kind": "fleet", "id": fleet["FleetId"]}
            for config in fleet.get("LaunchTemplateConfigs", []):
                launching.append((by, config["LaunchTemplateSpecification"]))
                for override in config.get("Overrides", []):
                    reading.add(override.get("ImageId"), by)
    read_parameters(reading)
    templates.read_pinned(spec for _, spec in launching)
    for by, spec in launching:
        reading.add(templates.image_of(spec), by)
    templates.note(reading)
    return reading


def read_parameters(reading):
    reading.count("ssm_parameters", 0)
    names = []
    for parameter in pages(ssm.describe_parameters, "Parameters", MaxResults=50):
        reading.count("ssm_parameters")
        if parameter["Type"] != "SecureString":
            names.append(parameter["Name"])
    for at in range(0, len(names), 10):
        for parameter in ssm.get_parameters(Names=names[at : at + 10], WithDecryption=False)["Parameters"]:
            for image_id in AMI.findall(parameter["Value"]):
                reading.add(image_id, {"kind": "ssm_parameter", "name": parameter["Name"]})


def read_uses():
    reading = read_unfilterable()
    read_instances(reading)
    read_spot_requests(reading)
    return reading


def uses_of(image_id):
    reading = Reading()
    read_instances(reading, Filters=[{"Name": "image-id", "Values": [image_id]}])
    templates = Templates()
    templates.read_heads(Filters=[{"Name": "image-id", "Values": [image_id]}])
    templates.note(reading)
    read_spot_requests(reading, Filters=[{"Name": "launch.image-id", "Values": [image_id]}])
    return reading


def snapshots(ids):
    return ec2.describe_snapshots(SnapshotIds=ids)["Snapshots"] if ids else []


def images_on(ids):
    holders = {snapshot_id: [] for snapshot_id in ids}
    for image in images(Filters=[{"Name": "block-device-mapping.snapshot-id", "Values": ids}]):
        for snapshot_id in snapshot_ids(image):
            if snapshot_id in holders:
                holders[snapshot_id].append(image["ImageId"])
    return holders
