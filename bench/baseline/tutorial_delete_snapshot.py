"""The tutorial's third function, as it stands there."""

import boto3
import os

REGION_NAME = os.environ['REGION_NAME']

client = boto3.client('ec2', region_name=REGION_NAME)


def lambda_handler(event, context):
    image_id = event['ImageId']

    responses = []

    for block_device in event['BlockDeviceMappings']:
        snapshot_id = block_device['Ebs']['SnapshotId']

        delete_snapshot_response = client.delete_snapshot(
            SnapshotId=snapshot_id
        )
        print(delete_snapshot_response)

        responses.append(delete_snapshot_response)

    return responses
