"""Starts moto's server, which answers for EC2 and Auto Scaling, tied to its driver's life.

moto 5.2.5 answers some of what EC2 serves with an error of its own, which a caller takes for an outage. It is taught here:
- Spot Instance requests filtered by launch.image-id;
- images filtered by block-device-mapping.snapshot-id;
- DescribeLockedSnapshots: it knows no locks, so none is on.
"""

import importlib.metadata
import sys

from emulators import lifeline

lifeline.hold()

WANTED = "5.2.5"

found = importlib.metadata.version("moto")
if found != WANTED:
    sys.exit(f"moto {WANTED} is wanted, {found} is installed: run `make tools`")

from moto.ec2.models.amis import Ami  # noqa: E402  (after the version check)
from moto.ec2.models.spot_requests import SpotInstanceRequest  # noqa: E402
from moto.ec2.responses import EC2Response  # noqa: E402
from moto.server import main  # noqa: E402

NO_LOCKS = """<?xml version="1.0" encoding="UTF-8"?>
<DescribeLockedSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>00000000-0000-4000-8000-000000000000</requestId><snapshotSet/></DescribeLockedSnapshotsResponse>"""


def teach(model, name, value):
    """Lets a model be filtered by what this name stands for."""
    original = model.get_filter_value

    def get_filter_value(self, filter_name, method_name=None):
        return value(self) if filter_name == name else original(self, filter_name, method_name)

    model.get_filter_value = get_filter_value


teach(SpotInstanceRequest, "launch.image-id", lambda request: request.launch_specification.image_id)
teach(Ami, "block-device-mapping.snapshot-id", lambda image: image.ebs_snapshot.id)
EC2Response.describe_locked_snapshots = lambda self: NO_LOCKS

sys.exit(main())
