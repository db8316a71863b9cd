import type { Db } from '../../db/client.ts'

/** What db/schema.sql shows of each kind of thing: one row of text each, in a stable order. */
const PARTS = [
  `select format(E'create %stable stepcast.%s (\\n%s\\n)%s;',
     case c.relpersistence when 'u' then 'unlogged ' else '' end,
     c.relname,
     (
       select string_agg(line, E',\\n' order by kind, place)
       from (
         select 1 as kind, lpad(a.attnum::text, 3, '0') as place, format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
           case when a.attnotnull then ' not null' else '' end,
           coalesce(case
             when a.attidentity <> '' then ' generated always as identity'
             when a.attgenerated <> '' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
             else ' default ' || pg_get_expr(d.adbin, d.adrelid)
           end, '')) as line
         from pg_attribute a
         left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         union all
         select 2, k.conname, format('  constraint %s %s', k.conname, pg_get_constraintdef(k.oid))
         from pg_constraint k
         where k.conrelid = c.oid and k.contype <> 'n'
       ) lines (kind, place, line)
     ),
     coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '')) as text
   from pg_class c
   where c.relnamespace = 'stepcast'::regnamespace and c.relkind = 'r'
   order by c.relname`,
  `select pg_get_indexdef(i.indexrelid) || ';' as text
   from pg_index i
   join pg_class c on c.oid = i.indexrelid
   where c.relnamespace = 'stepcast'::regnamespace
     and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
   order by c.relname`,
  `select pg_get_triggerdef(t.oid) || ';' as text
   from pg_trigger t
   join pg_class c on c.oid = t.tgrelid
   where c.relnamespace = 'stepcast'::regnamespace and not t.tgisinternal
   order by c.relname, t.tgname`,
  `select format('function stepcast.%s(%s) returns %s;', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)) as text
   from pg_proc p
   where p.pronamespace = 'stepcast'::regnamespace
   order by p.proname`,
  `select format(E'view stepcast.%s (\\n%s\\n);', c.relname,
     (
       select string_agg(format('  %s %s', a.attname, format_type(a.atttypid, a.atttypmod)), E',\\n' order by a.attnum)
       from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0
     )) as text
   from pg_class c
   where c.relnamespace = 'stepcast'::regnamespace and c.relkind = 'v'
   order by c.relname`,
  `select format('alter table stepcast.%s enable row level security;', c.relname) as text
   from pg_class c
   where c.relnamespace = 'stepcast'::regnamespace and c.relrowsecurity
   order by c.relname`,
  `select format('create policy %s on stepcast.%s for %s to %s using (%s)%s;', p.policyname, p.tablename, lower(p.cmd),
     array_to_string(p.roles, ', '), p.qual, ' with check (' || p.with_check || ')') as text
   from pg_policies p
   where p.schemaname = 'stepcast'
   order by p.tablename, p.policyname`,
  // Who may do what, but for the owner.
  `select format('grant %s on %s to %s;', granted.what, granted.target, string_agg(granted.grantee, ', ' order by granted.grantee)) as text
   from (
     select string_agg(distinct lower(a.privilege_type), ', ') as what, format('stepcast.%s', c.relname) as target,
       case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee
     from pg_class c
     cross join lateral aclexplode(c.relacl) a
     where c.relnamespace = 'stepcast'::regnamespace and a.grantee <> c.relowner
     group by 2, 3
     union all
     select lower(a.privilege_type), format('stepcast.%s (%s)', c.relname, string_agg(t.attname, ', ' order by t.attnum)),
       case a.grantee when 0 then 'public' else a.grantee::regrole::text end
     from pg_attribute t
     join pg_class c on c.oid = t.attrelid
     cross join lateral aclexplode(t.attacl) a
     where c.relnamespace = 'stepcast'::regnamespace
     group by c.relname, 1, 3
     union all
     select lower(a.privilege_type), format('function stepcast.%s', p.proname),
       case a.grantee when 0 then 'public' else a.grantee::regrole::text end
     from pg_proc p
     cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     where p.pronamespace = 'stepcast'::regnamespace and a.grantee <> p.proowner
   ) granted
   group by granted.target, granted.what
   order by granted.target, granted.what`,
]

/**
 * The schema as it really is in a database, for reading and for comparing. What functions do and what views select
 * stands in their own files; PostgreSQL's own wording of the latter changes from version to version.
 */
export async function dumpSchema(db: Db): Promise<string> {
  const parts: string[] = []
  for (const part of PARTS) {
    const { rows } = await db.query<{ text: string }>(part)
    parts.push(rows.map(({ text }) => text).join('\n'))
  }
  return `-- What the migrations make, written by \`npm run schema\`. Not run by anything.\n\n${parts.join('\n\n')}\n`
}
