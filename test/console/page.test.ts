/** The console's page in a real browser: what it shows, that names are text, keyboard, contrast, width. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toStateText } from '../../gateway/cli/serve/serve-console.ts';
import type { ConsoleAlert } from '../../gateway/console/alert.ts';
import { createConsoleDoor } from '../../gateway/console/console-door.ts';
import { readPageFiles } from '../../gateway/console/page-files.ts';
import { refusalWords } from '../../gateway/console/refusal-words.ts';
import { startAdmin } from '../../gateway/http/admin.ts';
import { launchChromium } from '../support/chromium.ts';
import { ask, serveConsole } from '../support/console.ts';
import { worstContrasts } from './contrast.ts';
import { hostile, hostileProcess } from './hostile-state.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 180_000);
afterAll(() => browser?.close());

/** The page asks once a second; machines are slow. */
const eventually = { timeout: 20_000 };

type Options = Parameters<Browser['newContext']>[0];

/** A page with the console; whatever it complains of is kept. */
async function open(adminUrl: string, options: Options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(adminUrl)) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(adminUrl);
  await page.locator('#connection', { hasText: 'Live' }).waitFor();
  return { page, complaints };
}

const rows = (page: Page) => page.locator('#decisions tbody tr');

/** A console over a state that is made up. */
async function serveState(process: () => object): Promise<string> {
  const console = createConsoleDoor({
    files: await readPageFiles(refusalWords),
    state: async () => toStateText([JSON.stringify(process())], { isReady: true }),
    clock: () => performance.now(),
  });
  const admin = await startAdmin({ host: '127.0.0.1', port: 0 }, { isReady: () => true, console });
  onTestFinished(() => admin.close());
  return `http://127.0.0.1:${admin.port}`;
}

/** A console where one path is answered by this status, and by no JSON. */
async function openWith(path: string, status: number): Promise<Page> {
  const url = await serveState(hostileProcess);
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.route(path, (route) => route.fulfill({ status, body: '<html>' }));
  await page.goto(url);
  return page;
}

describe('a gateway that serves', () => {
  it('shows a refusal as it happens, with its reason in words, its rule and its trace', async () => {
    const file = 'policies/access/staff.yaml';
    const gateway = await serveConsole((files) => ({
      ...files,
      [file]: `${files[file]?.replace('{ scopes: [ssn] }', '{ scopes: [ssn], roles: [hr] }')}`,
    }));
    const { page, complaints } = await open(gateway.adminUrl);
    expect(new URL(page.url()).pathname).toBe('/console/');
    await page.getByText('Nothing to show yet.').waitFor();

    await ask(gateway.url, '{ nothing }');
    await rows(page).first().waitFor();
    await expect.poll(() => rows(page).first().innerText(), eventually).toContain('limits/invalid');
    await rows(page).first().click();
    await page.getByText(refusalWords['limits/invalid']).waitFor();
    const traceId = String(gateway.lines.find(({ kind }) => kind === 'request')?.traceId);
    const refused = await page.locator('#detail').innerText();
    expect(refused).toContain(traceId);
    expect(refused).toMatch(/Ended in step\s+parse/);

    await ask(gateway.url, '{ staff { name ssn } }');
    await rows(page).nth(1).waitFor();
    expect(await rows(page).first().innerText()).toMatch(/denied\s+200\s+query/);
    await rows(page).first().click();
    const detail = await page.locator('#detail').innerText();
    expect(detail).toMatch(/Ended in step\s+answer/);
    for (const part of ['Person.ssn', 'ids', 'government-id', 'ssn, a role', 'staff query 200']) {
      expect(detail).toContain(part);
    }
    expect(await page.locator('#refusals').innerText()).toMatch(/limits\/invalid\s+1/);
    expect(await page.locator('#upstreams').innerText()).toMatch(/staff\s+closed/);
    expect(await page.locator('#health').innerText()).toContain('writing');
    expect(await page.locator('#alerts').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('shows what rules in shadow mode would have done, and finds them by name', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const gateway = await serveConsole((files) => ({
      ...files,
      'policies/access/shadow.yaml': `version: 1\nrules:\n  - { name: names-for-clerks, fields: { Person: [name] }, require: { roles: [clerk] }, shadow: { until: ${until} } }\n`,
    }));
    const { page, complaints } = await open(gateway.adminUrl);
    await ask(gateway.url, '{ staff { name } }');
    await expect.poll(() => rows(page).count(), eventually).toBe(1);
    expect(await rows(page).first().innerText()).toMatch(/allowed\s+200/);
    await page.locator('#text').fill('names-for-clerks');
    await rows(page).first().click();
    expect(await page.locator('#detail').innerText()).toContain(
      'Would have been refused by names-for-clerks (in shadow mode): Person.name',
    );
    expect(complaints).toEqual([]);
  });

  it('is filtered by keyboard, and a row opened and left again', async () => {
    const gateway = await serveConsole();
    const { page, complaints } = await open(gateway.adminUrl);
    await ask(gateway.url, '{ nothing }');
    await ask(gateway.url, '{ staff { name } }');
    await ask(gateway.url, '{ staff { name ssn } }');
    await expect.poll(() => rows(page).count(), eventually).toBe(3);

    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Tab');
    // From `all` to `refused`.
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => rows(page).count(), eventually).toBe(1);
    expect(await rows(page).first().innerText()).toContain('limits/invalid');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => rows(page).count(), eventually).toBe(3);

    await page.locator('#text').fill('Person.ssn');
    await expect.poll(() => rows(page).count(), eventually).toBe(1);
    await page.locator('#text').fill('');
    await page.locator('#class').selectOption('government-id');
    await expect.poll(() => rows(page).count(), eventually).toBe(1);
    await page.locator('#class').selectOption('');
    await expect.poll(() => rows(page).count(), eventually).toBe(3);

    await rows(page).first().locator('button').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate('document.activeElement.id'), eventually)
      .toBe('detail-title');
    expect(await page.locator('#detail-title').innerText()).toContain('allowed');
    await page.keyboard.press('Escape');
    expect(await page.locator('#detail').isVisible()).toBe(false);
    const focused = 'document.activeElement.closest("tr").textContent';
    expect(await page.evaluate(focused)).toContain('allowed');
    // What comes above takes no focus away.
    await ask(gateway.url, '{ nothing }');
    await expect.poll(() => rows(page).count(), eventually).toBe(4);
    expect(await page.evaluate(focused)).toContain('allowed');
    expect(complaints).toEqual([]);
  });

  it('stands still while paused, and says what it holds back', async () => {
    const gateway = await serveConsole();
    const { page } = await open(gateway.adminUrl);
    await ask(gateway.url, '{ staff { name } }');
    await expect.poll(() => rows(page).count(), eventually).toBe(1);
    await page.getByRole('button', { name: 'Pause' }).click();
    await ask(gateway.url, '{ nothing }');
    await page.getByText('1 new while paused').waitFor();
    expect(await rows(page).count()).toBe(1);
    expect(await page.locator('#connection').innerText()).toContain('Paused');
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => rows(page).count(), eventually).toBe(2);
  });

  it('says that it is gone', async () => {
    const gateway = await serveConsole();
    const { page } = await open(gateway.adminUrl);
    await page.locator('#summary', { hasText: 'ready' }).waitFor();
    await gateway.closeOnly();
    await page.locator('#connection', { hasText: 'Not connected: no answer' }).waitFor();
    // What was so at the last answer is not said as if it were so now.
    expect(await page.locator('#summary').innerText()).toBe('');
  });
});

describe('the commands for the audit trail', () => {
  const cases = [
    {
      name: 'under the owner of its type',
      owners: { Person: 'Person', Account: 'Person', Firm: 'Firm' },
      coordinate: 'Account.iban',
      says: 'who-saw Person ID --field Account.iban',
    },
    {
      name: 'under the only owner there is',
      owners: { Person: 'Person' },
      coordinate: 'Query.slip',
      says: 'who-saw Person ID --field Query.slip',
    },
    {
      name: 'with a gap where it cannot be told',
      owners: { Person: 'Person', Firm: 'Firm' },
      coordinate: 'Pay.amount',
      says: 'who-saw TYPE ID --field Pay.amount',
    },
  ];
  for (const { name, owners, coordinate, says } of cases) {
    it(`ask ${name}`, async () => {
      const url = await serveState(() => {
        const state = hostileProcess();
        const [decision] = state.decisions;
        const delivered = [{ coordinate, classes: ['pay'], rule: 'pay', count: 1, masked: 0 }];
        return { ...state, owners, decisions: [{ ...decision, delivered }] };
      });
      const { page } = await open(url);
      await rows(page).first().click();
      expect(await page.locator('#detail').innerText()).toContain(says);
    });
  }
});

describe('answers that are no state', () => {
  const cases = [
    {
      name: 'a page of something else',
      status: 200,
      expect: 'Not connected: something else answers',
    },
    { name: 'another name', status: 421, expect: 'Not connected: 421, not under this address' },
    { name: 'too many pages', status: 429, expect: 'Not connected: too many pages watch' },
    { name: 'a fault', status: 500, expect: 'Not connected: the gateway answers 500' },
  ];
  for (const { name, status, expect: said } of cases) {
    it(`are said in words: ${name}`, async () => {
      const page = await openWith('**/state?*', status);
      await page.locator('#connection', { hasText: said }).waitFor();
      expect(await page.locator('main').innerText()).not.toContain('Nothing to show yet');
    });
  }

  it('without the words for reasons, decisions are shown all the same', async () => {
    const page = await openWith('**/reasons.json', 429);
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    await rows(page).first().click();
    expect(await page.locator('#detail').innerText()).toContain(hostile);
  });
});

describe('names that somebody else chose', () => {
  it('are text, wherever they stand', async () => {
    const url = await serveState(hostileProcess);
    const { page, complaints } = await open(url);
    await rows(page).first().waitFor();
    await rows(page).first().click();
    await page.locator('#detail').waitFor();
    const text = await page.locator('body').innerText();
    // Of the row, its detail and the panels.
    expect(text.split(hostile).length).toBeGreaterThan(12);
    expect(text).toContain(`Would have been refused by ${hostile} (in shadow mode): ${hostile}`);
    expect(await page.locator('#upstreams').innerText()).toContain('not for 2 callers');
    expect(await page.locator('img, iframe, object, embed, svg, script:not([src])').count()).toBe(
      0,
    );
    expect(await page.evaluate('globalThis.owned')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('push nothing out of the table, and fit into the title of a decision', async () => {
    const url = await serveState(() => {
      const state = hostileProcess();
      const [decision] = state.decisions;
      return { ...state, decisions: [{ ...decision, name: 'OfAllEmployeesOfTheGroup'.repeat(6) }] };
    });
    for (const width of [375, 1400]) {
      const { page } = await open(url, { viewport: { width, height: 800 } });
      await rows(page).first().click();
      const excess = (selector: string) =>
        page.locator(selector).evaluate((one) => one.scrollWidth - one.clientWidth);
      expect(await excess('#detail-title')).toBe(0);
      if (width > 400) expect(await excess('main .scroll')).toBe(0);
    }
  });

  it('do not make the page wider than it is', async () => {
    const url = await serveState(hostileProcess);
    for (const width of [360, 800, 1400]) {
      const { page } = await open(url, { viewport: { width, height: 800 } });
      await rows(page).first().click();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
    }
  });
});

const schemes = [{ colorScheme: 'light' }, { colorScheme: 'dark' }] as const;
it.each(schemes)('has enough contrast everywhere: $colorScheme', async ({ colorScheme }) => {
  const alert: ConsoleAlert = {
    timeMs: 1_000,
    detection: 'many-ids',
    severity: 'high',
    title: 'Many ids in a short time',
  };
  const url = await serveState(() => ({ ...hostileProcess(), alerts: [alert] }));
  const { page } = await open(url, { colorScheme, reducedMotion: 'reduce' });
  await rows(page).first().click();
  await page.getByText('Many ids in a short time').waitFor();
  const worst = await worstContrasts(page);
  expect(worst.length).toBeGreaterThan(30);
  expect(worst.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
});

it('every control has a name', async () => {
  const { page } = await open(await serveState(hostileProcess));
  await rows(page).first().click();
  const unnamed = await page.evaluate(`
    [...document.querySelectorAll('button, input, select, [role=region], section')]
      .filter((one) => !(one.labels?.length > 0 || one.textContent.trim() || one.ariaLabel))
      .map((one) => one.outerHTML)
  `);
  expect(unnamed).toEqual([]);
});

it('a page of another origin cannot read it, run it or frame it', async () => {
  const gateway = await serveConsole();
  await ask(gateway.url, '{ nothing }');
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  // Of another site, and of the same one at another port.
  for (const origin of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
    await page.goto(origin);
    const outcomes = await page.evaluate(`(async () => {
      const admin = ${JSON.stringify(gateway.adminUrl)};
      const tryTo = (work) => work().then((got) => 'got ' + got, () => 'nothing');
      const load = (name, key, url) => new Promise((resolve, reject) => {
        const made = Object.assign(document.createElement(name), { [key]: url });
        made.onload = () => resolve(made.contentDocument?.title ?? 'loaded');
        made.onerror = reject;
        document.body.append(made);
      });
      return [
        await tryTo(async () => (await fetch(admin + '/console/state')).text()),
        await tryTo(async () => (await fetch(admin + '/console/state', { mode: 'no-cors' })).text()),
        await tryTo(() => load('script', 'src', admin + '/console/words.js')),
        await tryTo(() => load('img', 'src', admin + '/console/icon.svg')),
      ];
    })()`);
    expect(outcomes).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
  }
  await page.setContent(`<iframe src="${gateway.adminUrl}/console/"></iframe>`);
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  await framed?.waitForLoadState().catch(() => undefined);
  expect((await framed?.content().catch(() => '')) ?? '').not.toContain('Fieldgate');
});
