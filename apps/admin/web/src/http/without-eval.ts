import { z } from 'zod';

// zod compiles its parsers with `new Function` where it may. The page's Content-Security-Policy forbids that, and each try
// would be reported as a violation. Imported before any schema is made.
z.config({ jitless: true });
