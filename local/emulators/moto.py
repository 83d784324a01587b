"""Starts moto's server, which answers for EC2, Auto Scaling and Elastic Load Balancing, tied to its driver's life.

moto 5.2.5 answers some of what EC2 serves with an error of its own, which a caller takes for an outage, and grants some of what
EC2 refuses. The modules in ec2/ teach it, each one kind of thing, as far as anything here depends on it. Locks of snapshots it
knows none of: DescribeLockedSnapshots answers that none is on.
"""

import importlib.metadata
import sys

from emulators import lifeline

lifeline.hold()

WANTED = "5.2.5"

found = importlib.metadata.version("moto")
if found != WANTED:
    sys.exit(f"moto {WANTED} is wanted, {found} is installed: its patches fit that version only; run `make tools`")

from moto.ec2.responses import EC2Response  # noqa: E402  (after the version check)
from moto.server import main  # noqa: E402

from emulators.ec2 import addresses, images, instances, security_groups, volumes  # noqa: E402, F401

NO_LOCKS = """<?xml version="1.0" encoding="UTF-8"?>
<DescribeLockedSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>00000000-0000-4000-8000-000000000000</requestId><snapshotSet/></DescribeLockedSnapshotsResponse>"""

EC2Response.describe_locked_snapshots = lambda self: NO_LOCKS

sys.exit(main())
