"""The provider of `kubernetes:*` resources, against a cluster's own API."""
