"""The seed's main stack as CDK: what anyone can try the companion on, without AxonFlow.

`stack.py` builds it; one module per part of the seed; `acknowledged.py` says which sentence of the
seed each finding of a security scanner comes from; `contradictions.py` what the seed leaves open.
"""
