"""Pure parsers of CloudWatch's languages: no AWS, no files, no engines."""
