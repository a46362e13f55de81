/** `logging:` of a function: `json`, or a map. */
import type { LoggingSettings } from '../../registry/function.ts';
import { either, object, optional, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';

const format = choice<LoggingSettings['format']>({
  words: { json: 'json', text: 'text' },
  accepts: 'json or text',
  advise: (written) => (/^(json|text)$/i.test(written) ? `Write ${written.toLowerCase()}.` : undefined),
});

const applicationLevels = {
  TRACE: 'TRACE',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARN: 'WARN',
  ERROR: 'ERROR',
  FATAL: 'FATAL',
} as const;
const systemLevels = { DEBUG: 'DEBUG', INFO: 'INFO', WARN: 'WARN' } as const;

/** Logging libraries know more names. */
const advise = (written: string): string | undefined => {
  const name = { WARNING: 'WARN', CRITICAL: 'FATAL', VERBOSE: 'TRACE' }[written.toUpperCase()] ?? written.toUpperCase();
  return name in applicationLevels ? `Write ${name}.` : undefined;
};

const written = object(
  {
    format: required(format, 'json: one object for each line of a logger and of the platform.', 'format: json'),
    level: optional(
      choice<NonNullable<LoggingSettings['applicationLevel']>>({
        words: applicationLevels,
        accepts: Object.keys(applicationLevels).join(', '),
        advise,
      }),
      'With json: what the function logs is left out below this level; INFO by default.',
    ),
    system: optional(
      choice<NonNullable<LoggingSettings['systemLevel']>>({
        words: systemLevels,
        accepts: Object.keys(systemLevels).join(', '),
        advise,
      }),
      'With json: what the platform says of calls is left out below this level; INFO by default.',
    ),
    group: optional(
      text({ pattern: /[-._/#A-Za-z0-9]{1,512}/, accepts: 'letters, digits and . - _ / #' }),
      'The name of the log group that the function is told; /aws/lambda/NAME by default.',
    ),
  },
  {
    accepts: 'a map of format, level, system and group',
    hints: {
      logformat: 'it is called format',
      applicationloglevel: 'it is called level',
      loglevel: 'it is called level',
      systemloglevel: 'it is called system',
      loggroup: 'it is called group',
    },
  },
);

export const logging: Shape<LoggingSettings> = either<LoggingSettings>({
  text: refine(format, (value) => ({ format: value })),
  map: refine(written, ({ format: chosen, level, system, group }) => ({
    format: chosen,
    ...(level === undefined ? {} : { applicationLevel: level }),
    ...(system === undefined ? {} : { systemLevel: system }),
    ...(group === undefined ? {} : { group }),
  })),
});
