/** Words for certificates that have expired or soon will. */
import type { EndingCertificate } from '../../delegate/transport/ending-certificates.ts';

export const toEndingText = ({ file, key, until, hasExpired }: EndingCertificate): string =>
  `${file}: ${key} ${hasExpired ? 'has expired' : 'expires'}: ${until}`;
