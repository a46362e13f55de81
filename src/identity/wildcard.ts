/**
 * Whether `text` is what `pattern` describes: `*` any characters, `?` any one. Linear in practice and at worst
 * pattern × text: only the last star is ever reconsidered, so no pattern makes it explode.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const character = pattern.charAt(patternAt);
    if (character === '*') {
      starAt = patternAt;
      patternAt += 1;
      resumeAt = textAt;
    } else if (patternAt < pattern.length && (character === '?' || character === text.charAt(textAt))) {
      patternAt += 1;
      textAt += 1;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      resumeAt += 1;
      textAt = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern.charAt(patternAt) === '*') patternAt += 1;
  return patternAt === pattern.length;
}
