/** Amazon Resource Names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export type Arn = {
  partition: string;
  /** `sqs`, `lambda`, `s3`. */
  service: string;
  /** Empty where the service's names are known everywhere (buckets). */
  region: string;
  account: string;
  /** Everything behind the account, colons included: `function:hello:live`. */
  resource: string;
};

/** Undefined: not an ARN. */
export function parseArn(text: string): Arn | undefined {
  const [, partition, service, region, account, resource] =
    /^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)$/s.exec(text) ?? [];
  if (partition === undefined || service === undefined || resource === undefined) return undefined;
  return { partition, service, region: region ?? '', account: account ?? '', resource };
}
