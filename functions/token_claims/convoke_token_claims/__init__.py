"""Adds claims to access tokens of a Cognito user pool that belongs to the deployment."""
