"""Wing: the CDK app; the only place that imports aws_cdk.

The environment is prepared here and not in a module beside, because jsii starts Node, and reads
what it is told, while `aws_cdk` is imported: every module of this wing comes after this line.
"""

from axonwatch.deploy.node import prepare

prepare()
