"""The claims of access tokens, where the issuer is a Cognito user pool of ours."""
