"""The tutorial's second function, as it stands there."""

import boto3
import os

REGION_NAME = os.environ['REGION_NAME']

client = boto3.client('ec2', region_name=REGION_NAME)


def lambda_handler(event, context):
    image_id = event['ImageId']

    deregister_image_response = client.deregister_image(
        ImageId=image_id
    )

    return deregister_image_response
