"""The tutorial's first function, as it stands there."""

import boto3
import datetime
import os

ACCOUNT_ID = os.environ['ACCOUNT_ID']
REGION_NAME = os.environ['REGION_NAME']

client = boto3.client('ec2', region_name=REGION_NAME)


def lambda_handler(event, context):
    valid_hours = event['valid_hours']
    now = datetime.datetime.now(datetime.timezone.utc)

    response = client.describe_images(
        Owners=[ACCOUNT_ID])

    expired_images = []

    for image in response['Images']:
        creation_date_str = image['CreationDate']
        creation_date_dt = datetime.datetime.fromisoformat(creation_date_str.replace('Z', '+00:00'))

        diff = now - creation_date_dt
        diff_hour = diff.seconds / (60 * 60)

        if diff_hour > valid_hours:
            expired_images.append(image)

    return expired_images
