import { usePages } from '../hooks/use-pages';
import { LoadMore } from '../parts/load-more';
import { PageHead } from '../parts/page-head';
import { ProblemNote } from '../parts/problem-note';
import { WideTable } from '../parts/wide-table';
import { useApi } from '../session/session-context';
import { AuditRow } from './audit-row';

const COLUMNS = ['When', 'Who', 'Did', 'App', 'On how many', 'Detail'];

/** Who did what, newest first. */
export function AuditPage() {
  const api = useApi();
  const list = usePages('audit', async (cursor) => {
    const result = await api.audit(cursor);
    return result.ok ? { ok: true as const, value: { items: result.value.entries, next: result.value.next } } : result;
  });
  const { items, busy, problem } = list;
  return (
    <>
      <PageHead title="Audit">
        <button type="button" class="small secondary outline" onClick={list.reload} disabled={busy}>
          Reload
        </button>
      </PageHead>
      <ProblemNote problem={problem} onRetry={list.reload} />
      {!items && !problem && <p aria-busy="true">Reading the audit</p>}
      {items?.length === 0 && <p class="note">Nothing was done yet. Every action of this page, of the API and of the commands is written here first.</p>}
      {items && items.length > 0 && (
        <WideTable label="Audit" columns={COLUMNS} numbers={['On how many']}>
          {items.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </WideTable>
      )}
      <LoadMore list={list} />
    </>
  );
}
