/**
 * A caller's alias that is spelled like a join key, or like the gateway's own key, makes another
 * person's id the key: `{ me { id: displayName salary } }`. The executed document therefore has
 * only aliases with a reserved prefix, and the gateway's key is one that no such alias can be.
 */
import { describe, expect, it } from 'vitest';
import { keyAlias } from '../../gateway/graph/rekey-rows.ts';
import { reservedName } from '../../gateway/plan/plan.ts';
import { run, seen } from '../support/delegation.ts';
import { composeStaff } from '../support/staff.ts';

// Ada (1) has the display name "42", Bo (2) has "1": their display names are other people's ids.
const asPlanned =
  '{ employees { fg_id: displayName fg__fgKey: displayName fg_key: displayName fg0_salary: salary } }';

describe('merge keys', () => {
  it('are fetched under their own name, whatever the aliases say', async () => {
    const staff = composeStaff();
    const { data, errors } = seen(await run(staff.schema, asPlanned));
    expect(errors).toEqual([]);
    expect(data).toEqual({
      employees: [
        { fg_id: '42', fg__fgKey: '42', fg_key: '42', fg0_salary: 1000 },
        { fg_id: '1', fg__fgKey: '1', fg_key: '1', fg0_salary: 2000 },
        { fg_id: '2', fg__fgKey: '2', fg_key: '2', fg0_salary: 3000 },
      ],
    });
    expect(staff.payroll.sent.map(({ body }) => JSON.parse(body ?? '{}').variables)).toEqual([
      { ids: ['1', '2', '3'] },
    ]);
  });

  it('hold for links and nested objects', async () => {
    const { schema } = composeStaff();
    const source =
      '{ me { fg_managerId: displayName manager { fg_id: displayName salary } fg0_a: accounts { fg_owner: owner { fg_id: displayName salary } } } }';
    expect(seen(await run(schema, source))).toEqual({
      data: {
        me: {
          fg_managerId: '42',
          manager: { fg_id: '2', salary: 3000 },
          fg0_a: [{ fg_owner: { fg_id: '42', salary: 1000 } }],
        },
      },
      errors: [],
    });
  });

  it('have an alias that a planned alias cannot be', () => {
    expect(reservedName.test(keyAlias)).toBe(false);
  });
});
