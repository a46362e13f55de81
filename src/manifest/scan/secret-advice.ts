/** What to do about a key in code. `allow`: what lets it be. */
export const secretAdvice = (allow: string): string =>
  `keep it in Secrets Manager (aws secretsmanager create-secret), and write \${secret:NAME} in a variable, or let the function read: secret NAME. If it is no secret, write allowSecrets: ['${allow}']`;
