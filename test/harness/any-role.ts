/** A role that rules, schedules, pipes and functions may have, and that lets them do anything: for tests of what they do with it. */
import { EntityAlreadyExistsException, IAM } from '@aws-sdk/client-iam';

export const anyRoleArn = 'arn:aws:iam::000000000000:role/any';

const services = ['events', 'scheduler', 'pipes', 'lambda'].map((name) => `${name}.amazonaws.com`);

/** `client`: how the platform is reached. */
export async function makeAnyRole(client: ConstructorParameters<typeof IAM>[0], name = 'any'): Promise<void> {
  const iam = new IAM(client ?? {});
  const document = (statement: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  try {
    await iam.createRole({
      RoleName: name,
      AssumeRolePolicyDocument: document({ Principal: { Service: services }, Action: 'sts:AssumeRole' }),
    });
  } catch (error) {
    if (!(error instanceof EntityAlreadyExistsException)) throw error;
  }
  await iam.putRolePolicy({
    RoleName: name,
    PolicyName: 'all',
    PolicyDocument: document({ Action: '*', Resource: '*' }),
  });
  iam.destroy();
}
