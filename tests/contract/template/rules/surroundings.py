"""Rules for database and network: data is kept, access is closed, traffic is encrypted."""

from contract.template.expansion import (
    API,
    FUNCTIONS,
    MIGRATOR,
    RELAY,
    WORKER,
    Faults,
    Template,
    as_list,
    reference,
)

_ANYBODY = ("0.0.0.0/0", "::/0")
#: Only if existing endpoints or a NAT lead to SQS, and by this condition.
_OWN_WAYS_OUT = {"FunctionsToOwnWaysOut": "UseOwnWaysOut"}
#: Neither values nor statements, nor details, which name values (PostgreSQL, "Error Reporting and Logging").
_SILENT_LOG = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
#: Old versions' environments keep their connections for a while after a deployment.
_VERSIONS_AT_ONCE = 2
_SHARE_THAT_ALARMS = 0.8


def the_database_outlives_the_stack(template: Template) -> Faults:
    resources = template.expanded["Resources"]
    for name, cluster in template.of_type("AWS::RDS::DBCluster").items():
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resources[name].get(policy) != "Snapshot":
                yield f"{name}: {policy} must be Snapshot"
        if template.value(cluster.get("DeletionProtection")) not in (True, "true"):
            yield f"{name}: is not protected from deletion by default"
        if int(template.value(cluster.get("BackupRetentionPeriod", 1))) < 7:
            yield f"{name}: backups are kept for less than 7 days"
    for name in template.of_type("AWS::Cognito::UserPool"):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resources[name].get(policy) != "Retain":
                yield f"{name}: {policy} must be Retain"


def the_database_is_encrypted_and_reached_by_iam_over_tls(template: Template) -> Faults:
    clusters = template.of_type("AWS::RDS::DBCluster")
    if not clusters:
        yield "there is no database"
    for name, cluster in clusters.items():
        for key in ("StorageEncrypted", "EnableIAMDatabaseAuthentication", "ManageMasterUserPassword"):
            if cluster.get(key) is not True:
                yield f"{name}: {key} must be true"
        if "MasterUserPassword" in cluster:
            yield f"{name}: a password in the template"
        parameters = template.properties(cluster.get("DBClusterParameterGroupName", {}).get("Ref", ""))
        settings = parameters.get("Parameters", {})
        if settings.get("rds.force_ssl") != "1":
            yield f"{name}: accepts connections without TLS"
        for key, value in _SILENT_LOG.items():
            if settings.get(key) != value:
                yield f"{name}: {key} must be {value}, or users' data is in the log"
    for name, instance in template.of_type("AWS::RDS::DBInstance").items():
        if instance.get("PubliclyAccessible") is not False:
            yield f"{name}: has a public address"


def connections_are_bounded_below_the_database_s_limit(template: Template) -> Faults:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    held = {
        API: template.value(template.properties(API).get("ReservedConcurrentExecutions")),
        WORKER: sum(
            template.value(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0))
            for mapping in mappings
        ),
        RELAY: template.value(template.properties(RELAY).get("ReservedConcurrentExecutions")),
        MIGRATOR: 1,
    }
    for function, count in held.items():
        if not isinstance(count, int) or count < 1:
            yield f"{function}: nothing bounds its connections"
    total = sum(count for count in held.values() if isinstance(count, int))
    for name, group in template.of_type("AWS::RDS::DBClusterParameterGroup").items():
        limit = int(template.value(group["Parameters"].get("max_connections", 0)))
        if total * _VERSIONS_AT_ONCE > limit * _SHARE_THAT_ALARMS:
            yield f"{name}: the functions may hold {total} connections, twice that is too close to {limit}"


def functions_are_in_subnets_without_internet_access(template: Template) -> Faults:
    for kind in ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "EIP"):
        for name in template.of_type(f"AWS::EC2::{kind}"):
            yield f"{name}: leads to the internet"
    for name, subnet in template.of_type("AWS::EC2::Subnet").items():
        if subnet.get("MapPublicIpOnLaunch"):
            yield f"{name}: assigns public addresses"
    for function in FUNCTIONS:
        if not template.properties(function).get("VpcConfig", {}).get("SecurityGroupIds"):
            yield f"{function}: is not in the VPC, where the database is"


def security_groups_name_each_other_and_no_addresses(template: Template) -> Faults:
    rules = [
        (name, rule)
        for name, group in template.of_type("AWS::EC2::SecurityGroup").items()
        for key in ("SecurityGroupIngress", "SecurityGroupEgress")
        for rule in group.get(key, [])
    ]
    rules += template.of_type("AWS::EC2::SecurityGroupIngress").items()
    rules += template.of_type("AWS::EC2::SecurityGroupEgress").items()
    for name, rule in rules:
        condition = template.expanded["Resources"].get(name, {}).get("Condition")
        is_own_way = condition is not None and _OWN_WAYS_OUT.get(name) == condition
        if (rule.get("CidrIp") or rule.get("CidrIpv6")) and not is_own_way:
            yield f"{name}: allows addresses, {_describe_scope(rule)}"
        if rule.get("IpProtocol") != "tcp" or template.value(rule.get("FromPort")) not in (443, 5432):
            yield f"{name}: allows more than PostgreSQL and HTTPS"
    functions = template.properties("FunctionsSecurityGroup")
    if not functions.get("SecurityGroupEgress"):
        yield "FunctionsSecurityGroup: without egress rules it allows every destination"


def endpoints_lead_to_one_queue_and_one_secret(template: Template) -> Faults:
    endpoints = template.of_type("AWS::EC2::VPCEndpoint")
    services = {
        endpoint.get("ServiceName", {}).get("Fn::Sub", "").rpartition(".")[2]
        for endpoint in endpoints.values()
    }
    for missing in sorted({"sqs", "secretsmanager"} - services):
        yield f"there is no endpoint for {missing}, and no other route to it"
    for name, endpoint in endpoints.items():
        if endpoint.get("PrivateDnsEnabled") is not True:
            yield f"{name}: boto3 would not find it"
        for statement in as_list(endpoint.get("PolicyDocument", {}).get("Statement", {"Action": "*"})):
            actions = as_list(statement.get("Action", "*"))
            if any("*" in action for action in actions) or "*" in as_list(statement.get("Resource", "*")):
                yield f"{name}: its policy allows more than is needed"
            account = {"StringEquals": {"aws:PrincipalAccount": reference("AWS::AccountId")}}
            if statement.get("Condition") != account:
                yield f"{name}: allows other accounts' principals"


def _describe_scope(rule: dict[str, str]) -> str:
    open_to_all = {rule.get("CidrIp"), rule.get("CidrIpv6")} & set(_ANYBODY)
    return "all of them" if open_to_all else "in place of a security group"


RULES = (
    the_database_outlives_the_stack,
    the_database_is_encrypted_and_reached_by_iam_over_tls,
    connections_are_bounded_below_the_database_s_limit,
    functions_are_in_subnets_without_internet_access,
    security_groups_name_each_other_and_no_addresses,
    endpoints_lead_to_one_queue_and_one_secret,
)
