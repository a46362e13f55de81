/** What to do about a key in code. `allow`: what lets it be. */
export const secretAdvice = (allow: string): string =>
  `keep it in Secrets Manager (aws secretsmanager create-secret), allow the function to read: secret NAME, and get it from there. If it is no secret, write allowSecrets: ['${allow}']`;
