"""Rules for releases: a new version gets traffic gradually, and is rolled back if it fails."""

from contract.template.expansion import API, RELAY, WORKER, Faults, Template, alias_of, reference

_DEPLOYED = (API, WORKER, RELAY)


def callers_use_the_alias_and_never_the_unpublished_version(template: Template) -> Faults:
    aliases = template.of_type("AWS::Lambda::Alias")
    for function in _DEPLOYED:
        alias = alias_of(function)["Ref"]
        if aliases.get(alias, {}).get("FunctionName") != reference(function):
            yield f"{function}: has no alias live"
    for name, api in template.of_type("AWS::ApiGatewayV2::Api").items():
        for path, operations in api.get("Body", {}).get("paths", {}).items():
            for operation in operations.values():
                uri = operation.get("x-amazon-apigateway-integration", {}).get("uri", {}).get("Fn::Sub", "")
                if f"${{{alias_of(API)['Ref']}}}" not in uri:
                    yield f"{name}: {path} bypasses the alias"


def each_release_publishes_new_versions(template: Template) -> Faults:
    parameters = template.expanded["Parameters"]
    if "Default" in parameters.get("ReleaseId", {}):
        yield "ReleaseId: with a default a second release would not be published"
    for function in _DEPLOYED:
        properties = template.source["Resources"].get(function, {}).get("Properties", {})
        # Otherwise SAM compares only CodeUri, and would not publish a changed layer or variable.
        if properties.get("AutoPublishCodeSha256") != reference("ReleaseId"):
            yield f"{function}: AutoPublishCodeSha256 must be ReleaseId"


def a_failing_version_is_rolled_back(template: Template) -> Faults:
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    for function in _DEPLOYED:
        group = template.properties(f"{function}DeploymentGroup")
        watched = group.get("AlarmConfiguration", {})
        names = [alarm["Name"].get("Ref") for alarm in watched.get("Alarms", [])]
        if not watched.get("Enabled") or not names:
            yield f"{function}: no alarm rolls a failing version back"
        for name in names:
            dimensions = alarms.get(name, {}).get("Dimensions", [])
            if {"Name": "Resource", "Value": {"Fn::Sub": f"${{{function}}}:live"}} not in dimensions:
                yield f"{function}: {name} does not watch its alias"
        if not group.get("AutoRollbackConfiguration", {}).get("Enabled"):
            yield f"{function}: a failed deployment is not rolled back"
    canary = (
        template.properties(f"{API}DeploymentGroup").get("DeploymentConfigName", {}).get("Fn::Sub", ["", {}])
    )
    if "AllAtOnce" in str(canary):
        yield f"{API}: a new version gets all requests at once"


RULES = (
    callers_use_the_alias_and_never_the_unpublished_version,
    each_release_publishes_new_versions,
    a_failing_version_is_rolled_back,
)
