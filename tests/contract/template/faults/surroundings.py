"""Faults in the database, the network, the user pool and the ways to them."""

FAULTS: dict[str, tuple[str, str, str]] = {
    "database deleted with the stack": (
        "    DeletionPolicy: Snapshot\n",
        "    DeletionPolicy: Delete\n",
        "DeletionPolicy must be Snapshot",
    ),
    "database lost when it is replaced": (
        "    UpdateReplacePolicy: Snapshot\n",
        "",
        "UpdateReplacePolicy must be Snapshot",
    ),
    "database without deletion protection": (
        '  DatabaseDeletionProtection:\n    Type: String\n    Default: "true"\n',
        '  DatabaseDeletionProtection:\n    Type: String\n    Default: "false"\n',
        "not protected from deletion",
    ),
    "backups for a day": (
        "  DatabaseBackupDays:\n    Type: Number\n    Default: 7\n",
        "  DatabaseBackupDays:\n    Type: Number\n    Default: 1\n",
        "less than 7 days",
    ),
    "people deleted with the stack": (
        "    DeletionPolicy: Retain\n",
        "    DeletionPolicy: Delete\n",
        "DeletionPolicy must be Retain",
    ),
    "database not encrypted": ("      StorageEncrypted: true\n", "", "StorageEncrypted must be true"),
    "database without IAM": (
        "      EnableIAMDatabaseAuthentication: true\n",
        "",
        "EnableIAMDatabaseAuthentication must be true",
    ),
    "master password in the template": (
        "      ManageMasterUserPassword: true\n",
        "      MasterUserPassword: hunter2hunter2\n",
        "a password in the template",
    ),
    "database without TLS": ('rds.force_ssl: "1"', 'rds.force_ssl: "0"', "without TLS"),
    "values of failed statements logged": (
        '        log_parameter_max_length_on_error: "0"\n',
        "",
        "log_parameter_max_length_on_error must be 0",
    ),
    "values of a broken key logged": (
        "        log_error_verbosity: terse\n",
        "        log_error_verbosity: verbose\n",
        "log_error_verbosity must be terse",
    ),
    "failed statements logged": (
        "        log_min_error_statement: panic\n",
        "",
        "log_min_error_statement must be panic",
    ),
    "pool with open sign-up": (
        "      AdminCreateUserConfig: { AllowAdminCreateUserOnly: !If [MaySignUp, false, true] }\n",
        "",
        "sign-up is open by default",
    ),
    "pool with open sign-up by default": (
        "  SelfSignUp:\n    Description: Without JwtIssuer - whether anybody may make an account. "
        'Off - an administrator makes them.\n    Type: String\n    Default: "off"\n',
        '  SelfSignUp:\n    Type: String\n    Default: "on"\n',
        "sign-up is open by default",
    ),
    "production without a rule for pages": (
        "    RuleCondition: !Equals [!Ref Stage, prod]\n",
        "    RuleCondition: !Equals [!Ref Stage, production]\n",
        "prod accepts localhost if it is given []",
    ),
    "production with a localhost callback": (
        ", !Not [!Equals [!Ref CallbackUrl, http://localhost:3000/]]]\n",
        ", !Not [!Equals [!Ref CallbackUrl, http://localhost/]]]\n",
        "given ['AllowedOrigin']",
    ),
    "another port of a localhost": (
        "    AllowedPattern: ^(https://(?!localhost(:|$)|127\\.|\\[)[^/*\\s@]+|http://localhost:3000)$\n",
        "    AllowedPattern: ^https?://[^/*\\s]+$\n",
        "for AllowedOrigin",
    ),
    "database with a public address": (
        "      DBInstanceClass: db.serverless\n      PubliclyAccessible: false\n",
        "      DBInstanceClass: db.serverless\n      PubliclyAccessible: true\n",
        "has a public address",
    ),
    "more functions than connections": (
        "  ApiConcurrency:\n    Description: Maximum of API environments, one connection each.\n"
        "    Type: Number\n    Default: 50\n",
        "  ApiConcurrency:\n    Description: Maximum of API environments, one connection each.\n"
        "    Type: Number\n    Default: 100\n",
        "too close to 200",
    ),
    "API without a bound": (
        "      ReservedConcurrentExecutions: !If [ReserveConcurrency, !Ref ApiConcurrency, !Ref "
        "AWS::NoValue]\n",
        "",
        "ApiFunction: nothing bounds its connections",
    ),
    "subnet with public addresses": (
        '      MapPublicIpOnLaunch: false\n      Tags: [{ Key: Name, Value: !Sub "${StackName}-a" }]\n',
        '      MapPublicIpOnLaunch: true\n      Tags: [{ Key: Name, Value: !Sub "${StackName}-a" }]\n',
        "assigns public addresses",
    ),
    "worker outside the VPC": (
        "!Ref NotifyWorkerLogGroup }\n      Layers: [!Ref DependenciesLayer, !Ref SharedLayer]\n"
        "      VpcConfig:\n",
        "!Ref NotifyWorkerLogGroup }\n      Layers: [!Ref DependenciesLayer, !Ref SharedLayer]\n"
        "      Metadata:\n",
        "NotifyWorkerFunction",
    ),
    "endpoints open to addresses": (
        "          SourceSecurityGroupId: !Ref FunctionsSecurityGroup\n",
        "          CidrIp: 0.0.0.0/0\n",
        "all of them",
    ),
    "functions with unrestricted egress": (
        "      # A group without egress rules may connect to everything.\n      SecurityGroupEgress:\n",
        "      Tags:\n",
        "it allows every destination",
    ),
    "unrestricted egress beside the endpoints": (
        "    Condition: UseOwnWaysOut\n",
        "",
        "FunctionsToOwnWaysOut: allows addresses",
    ),
    "no way to SQS": (
        "ServiceName: !Sub com.amazonaws.${AWS::Region}.sqs",
        "ServiceName: !Sub com.amazonaws.${AWS::Region}.sns",
        "no endpoint for sqs",
    ),
    "endpoint to every secret": (
        "            Action: secretsmanager:GetSecretValue\n            Resource: !Ref SecretArn\n",
        '            Action: secretsmanager:GetSecretValue\n            Resource: "*"\n',
        "allows more than is needed",
    ),
    "endpoint for other accounts": (
        "            Resource: !Ref QueueArn\n"
        "            Condition: { StringEquals: { aws:PrincipalAccount: !Ref AWS::AccountId } }\n",
        "            Resource: !Ref QueueArn\n",
        "other accounts' principals",
    ),
    "API as the migrator's user": (
        "            - postgresql://convoke_api@${Host}",
        "            - postgresql://convoke_migrator@${Host}",
        "DATABASE_URL must name convoke_api",
    ),
    "API allowed to be the worker": (
        "dbuser:${Database}/convoke_api\n",
        "dbuser:${Database}/convoke_worker\n",
        "must be allowed to rds-db:connect",
    ),
    "API allowed to be any user": (
        "dbuser:${Database}/convoke_api\n",
        "dbuser:*/*\n",
        "without need",
    ),
    "worker signs in without a token": (
        "            - postgresql://convoke_worker@${Host}:${DatabasePort}/${DatabaseName}\n"
        "            - Host: !If [MakeDatabase, !GetAtt Database.Outputs.Host, !Ref DatabaseHost]\n"
        '          DATABASE_IAM: "true"\n',
        "            - postgresql://convoke_worker@${Host}:${DatabasePort}/${DatabaseName}\n"
        "            - Host: !If [MakeDatabase, !GetAtt Database.Outputs.Host, !Ref DatabaseHost]\n",
        "DATABASE_IAM must be true",
    ),
    "code that changes interfaces": (
        '            Condition: { "Null": { lambda:SourceFunctionArn: "false" } }\n',
        '            Condition: { "Null": { lambda:SourceFunctionArn: "true" } }\n',
        "lets a function's code change",
    ),
    "a policy of AWS's": (
        "      ManagedPolicyArns: [!Ref NetworkInterfacePolicy]\n      Policies:\n"
        "        - PolicyName: api\n",
        "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n"
        "      Policies:\n        - PolicyName: api\n",
        "AWS's managed policies",
    ),
    "a claim without an attribute": (
        "        - { Name: zoneinfo, Required: false, Mutable: true }\n",
        "",
        "has no attribute zoneinfo",
    ),
    "trigger for ID tokens only": ("LambdaVersion: V2_0", "LambdaVersion: V1_0", "must be V2_0"),
    "pool that cannot change access tokens": (
        "UserPoolTier: ESSENTIALS",
        "UserPoolTier: LITE",
        "UserPoolTier must be",
    ),
    "unverified addresses": ("      AutoVerifiedAttributes: [email]\n", "", "accepts unverified"),
    "people verify their own address": (
        "WriteAttributes: [email, name,",
        "WriteAttributes: [email, email_verified, name,",
        "mark their own address as verified",
    ),
    "scope that no client has": (
        "    Default: convoke/api\n",
        "    Default: convoke/all\n",
        "the gateway requires convoke/all",
    ),
    "client that reveals accounts": (
        "PreventUserExistenceErrors: ENABLED",
        "PreventUserExistenceErrors: LEGACY",
        "reveals which accounts",
    ),
    "tokens in the address bar": ("AllowedOAuthFlows: [code]", "AllowedOAuthFlows: [implicit]", "code flow"),
    "any pool invokes any function": (
        "      SourceAccount: !Ref AWS::AccountId\n",
        "",
        "lets Cognito invoke more",
    ),
    "output that no stack has": (
        "issuer: !If [MakeIssuer, !GetAtt Identity.Outputs.Issuer,",
        "issuer: !If [MakeIssuer, !GetAtt Identity.Outputs.ProviderUrl,",
        "Identity has no output ProviderUrl",
    ),
    "stack without its queue": (
        "        QueueArn: !GetAtt NotificationQueue.Arn\n",
        "",
        "lacks the parameter QueueArn",
    ),
    "stack without its template": (
        "TemplateURL: network.yaml",
        "TemplateURL: networks.yaml",
        "networks.yaml",
    ),
}
