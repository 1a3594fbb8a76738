"""Return the AWS_* variables by which boto3 finds the queues of the local stack."""

from convoke_local.configuration import Configuration
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS


def find_aws_variables(configuration: Configuration, sqs_endpoint_url: str) -> dict[str, str]:
    """Return the variables for the SQS server at `sqs_endpoint_url`.

    The embedded server gets stand-in credentials, never those of the user.
    """
    own = {name: value for name, value in configuration.environment.items() if name.startswith("AWS_")}
    region = own.get("AWS_REGION") or own.get("AWS_DEFAULT_REGION") or STAND_IN_CREDENTIALS["AWS_REGION"]
    if configuration.sqs_endpoint_url is None:
        own = {**STAND_IN_CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}
    elif "AWS_ACCESS_KEY_ID" in own or "AWS_PROFILE" in own:
        own |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    else:
        own = {**own, **STAND_IN_CREDENTIALS, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return own | {"AWS_ENDPOINT_URL_SQS": sqs_endpoint_url}
