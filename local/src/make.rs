//! Making resources in the account: what tests and the demo retire, and what depends on it.

use crate::error::{Result, missing};
use crate::stack::Stack;
use crate::wire::query::{AUTO_SCALING, EC2, ELASTIC_LOAD_BALANCING, Service, anywhere, call, parsed};

const ZONE: &str = "us-east-1a";
const INSTANCE_TYPE: &str = "t3.micro";

/// Tags of what is made: names and values.
pub type Tags<'a> = &'a [(&'a str, &'a str)];

/// An instance that is to be made.
#[derive(Clone, Debug)]
pub struct NewInstance {
    image_id: String,
    fields: Vec<(String, String)>,
    volumes: usize,
    tags: usize,
    groups: usize,
}

impl NewInstance {
    /// An instance of this image, with a root volume of 8 GiB and no other.
    #[must_use]
    pub fn of(image_id: &str) -> Self {
        let new = Self { image_id: image_id.to_owned(), fields: Vec::new(), volumes: 0, tags: 0, groups: 0 };
        new.disk("/dev/xvda", 8, true)
    }

    /// With another volume, which stays when the instance goes.
    #[must_use]
    pub fn volume(self, device: &str, size_gib: u32) -> Self {
        self.disk(device, size_gib, false)
    }

    fn disk(mut self, device: &str, size_gib: u32, goes_with_the_instance: bool) -> Self {
        self.volumes += 1;
        let mapping = format!("BlockDeviceMapping.{}", self.volumes);
        for (field, value) in [
            ("DeviceName", device),
            ("Ebs.VolumeSize", &size_gib.to_string()),
            ("Ebs.VolumeType", "gp3"),
            ("Ebs.DeleteOnTermination", if goes_with_the_instance { "true" } else { "false" }),
        ] {
            self.fields.push((format!("{mapping}.{field}"), value.to_owned()));
        }
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags += 1;
        let tag = format!("TagSpecification.1.Tag.{}", self.tags);
        self.fields.push((format!("{tag}.Key"), key.to_owned()));
        self.fields.push((format!("{tag}.Value"), value.to_owned()));
        self
    }

    /// In this security group.
    #[must_use]
    pub fn security_group(mut self, id: &str) -> Self {
        self.groups += 1;
        self.fields.push((format!("SecurityGroupId.{}", self.groups), id.to_owned()));
        self
    }

    fn fields(self) -> Vec<(String, String)> {
        let mut fields = owned(&[
            ("ImageId", &self.image_id),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("InstanceType", INSTANCE_TYPE),
        ]);
        if self.tags > 0 {
            fields.extend(owned(&[("TagSpecification.1.ResourceType", "instance")]));
        }
        fields.extend(self.fields);
        fields
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    crate::wire::query::fields(pairs)
}

fn tagged(resource_type: &str, tags: Tags<'_>, pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = owned(pairs);
    if !tags.is_empty() {
        fields.extend(owned(&[("TagSpecification.1.ResourceType", resource_type)]));
    }
    for (index, (key, value)) in (1..).zip(tags) {
        let tag = format!("TagSpecification.1.Tag.{index}");
        fields.push((format!("{tag}.Key"), (*key).to_owned()));
        fields.push((format!("{tag}.Value"), (*value).to_owned()));
    }
    fields
}

impl Stack {
    fn made(&self, service: Service, (action, wanted): (&str, &str), fields: &[(String, String)]) -> Result<String> {
        let xml = call(self.ec2_endpoint(), service, action, fields)?;
        let document = parsed(action, &xml)?;
        anywhere(document.root(), wanted).ok_or_else(|| missing(action, wanted))
    }

    fn changed(&self, action: &str, pairs: &[(&str, &str)]) -> Result<()> {
        self.ec2(action, pairs).map(|_| ())
    }

    /// Makes an instance, which runs at once.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_instance(&self, new: NewInstance) -> Result<String> {
        self.made(EC2, ("RunInstances", "instanceId"), &new.fields())
    }

    /// Makes a volume.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_volume(&self, size_gib: u32, tags: Tags<'_>) -> Result<String> {
        let size = size_gib.to_string();
        let pairs = [("Size", size.as_str()), ("VolumeType", "gp3"), ("AvailabilityZone", ZONE)];
        self.made(EC2, ("CreateVolume", "volumeId"), &tagged("volume", tags, &pairs))
    }

    /// Attaches a volume to an instance.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn attach_volume(&self, volume_id: &str, instance_id: &str, device: &str) -> Result<()> {
        self.changed("AttachVolume", &[("VolumeId", volume_id), ("InstanceId", instance_id), ("Device", device)])
    }

    /// Makes a snapshot of a volume.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_snapshot(&self, volume_id: &str, tags: Tags<'_>) -> Result<String> {
        let pairs = [("VolumeId", volume_id), ("Description", "made by hand")];
        self.made(EC2, ("CreateSnapshot", "snapshotId"), &tagged("snapshot", tags, &pairs))
    }

    /// Makes an image of an instance.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_image(&self, instance_id: &str, name: &str, tags: Tags<'_>) -> Result<String> {
        let pairs = [("InstanceId", instance_id), ("Name", name), ("NoReboot", "true")];
        self.made(EC2, ("CreateImage", "imageId"), &tagged("image", tags, &pairs))
    }

    /// Makes an Elastic IP address; the id is its allocation's.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_address(&self, tags: Tags<'_>) -> Result<String> {
        self.made(EC2, ("AllocateAddress", "allocationId"), &tagged("elastic-ip", tags, &[("Domain", "vpc")]))
    }

    /// Associates an address with an instance.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn associate_address(&self, allocation_id: &str, instance_id: &str) -> Result<()> {
        self.changed("AssociateAddress", &[("AllocationId", allocation_id), ("InstanceId", instance_id)])
    }

    /// Makes a security group in the default VPC.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn make_security_group(&self, name: &str, tags: Tags<'_>) -> Result<String> {
        let vpc = self.made(EC2, ("DescribeVpcs", "vpcId"), &[])?;
        let pairs = [("GroupName", name), ("GroupDescription", "made by hand"), ("VpcId", vpc.as_str())];
        self.made(EC2, ("CreateSecurityGroup", "groupId"), &tagged("security-group", tags, &pairs))
    }

    /// Lets what stands in one group reach what stands in another.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn allow(&self, from_group: &str, to_group: &str, port: u16) -> Result<()> {
        let port = port.to_string();
        self.changed(
            "AuthorizeSecurityGroupIngress",
            &[
                ("GroupId", to_group),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", &port),
                ("IpPermissions.1.ToPort", &port),
                ("IpPermissions.1.Groups.1.GroupId", from_group),
            ],
        )
    }

    /// Makes a target group and registers an instance with it.
    ///
    /// # Errors
    /// What Elastic Load Balancing answers.
    pub fn register_target(&self, name: &str, instance_id: &str) -> Result<String> {
        let vpc = self.made(EC2, ("DescribeVpcs", "vpcId"), &[])?;
        let group = owned(&[("Name", name), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)]);
        let arn = self.made(ELASTIC_LOAD_BALANCING, ("CreateTargetGroup", "TargetGroupArn"), &group)?;
        let target = owned(&[("TargetGroupArn", &arn), ("Targets.member.1.Id", instance_id)]);
        call(self.ec2_endpoint(), ELASTIC_LOAD_BALANCING, "RegisterTargets", &target)?;
        Ok(arn)
    }

    /// Takes an instance out of a target group.
    ///
    /// # Errors
    /// What Elastic Load Balancing answers.
    pub fn deregister_target(&self, target_group_arn: &str, instance_id: &str) -> Result<()> {
        let target = owned(&[("TargetGroupArn", target_group_arn), ("Targets.member.1.Id", instance_id)]);
        call(self.ec2_endpoint(), ELASTIC_LOAD_BALANCING, "DeregisterTargets", &target).map(|_| ())
    }

    /// Lets an Auto Scaling group take an instance under its management.
    ///
    /// # Errors
    /// What Auto Scaling answers.
    pub fn put_under_auto_scaling(&self, group: &str, image_id: &str, instance_id: &str) -> Result<()> {
        let configuration =
            owned(&[("LaunchConfigurationName", group), ("ImageId", image_id), ("InstanceType", INSTANCE_TYPE)]);
        call(self.ec2_endpoint(), AUTO_SCALING, "CreateLaunchConfiguration", &configuration)?;
        let made = owned(&[
            ("AutoScalingGroupName", group),
            ("LaunchConfigurationName", group),
            ("MinSize", "0"),
            ("MaxSize", "4"),
            ("DesiredCapacity", "0"),
            ("AvailabilityZones.member.1", ZONE),
        ]);
        call(self.ec2_endpoint(), AUTO_SCALING, "CreateAutoScalingGroup", &made)?;
        let attached = owned(&[("AutoScalingGroupName", group), ("InstanceIds.member.1", instance_id)]);
        call(self.ec2_endpoint(), AUTO_SCALING, "AttachInstances", &attached).map(|_| ())
    }

    /// Protects an instance from being terminated, or no longer.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn protect_from_termination(&self, instance_id: &str, protected: bool) -> Result<()> {
        let value = if protected { "true" } else { "false" };
        self.changed("ModifyInstanceAttribute", &[("InstanceId", instance_id), ("DisableApiTermination.Value", value)])
    }

    /// Tags a resource of EC2.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn tag(&self, resource_id: &str, key: &str, value: &str) -> Result<()> {
        self.changed("CreateTags", &[("ResourceId.1", resource_id), ("Tag.1.Key", key), ("Tag.1.Value", value)])
    }

    /// Takes a tag off a resource of EC2.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn untag(&self, resource_id: &str, key: &str) -> Result<()> {
        self.changed("DeleteTags", &[("ResourceId.1", resource_id), ("Tag.1.Key", key)])
    }
}
