import type { Mails } from '../../resources/mail.ts';
import type { Topics } from '../../resources/topic.ts';
import type { Clock } from '../../util/clock.ts';

/** What both of SES's APIs work on. */
export type SesParts = { mails: Mails; topics: Pick<Topics, 'get'>; clock: Clock };
