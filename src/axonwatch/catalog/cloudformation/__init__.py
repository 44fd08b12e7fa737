"""CloudFormation templates, any project's: values resolved where they can be known."""
