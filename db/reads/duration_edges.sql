-- Where the buckets of every histogram begin, in milliseconds: even on a logarithmic scale, as far as the units that
-- people count in allow. The same for all, so that two histograms can be compared or added.
create or replace function stepcast.duration_edges()
returns bigint[]
language sql
immutable
as $$
  select '{
    0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700,
    1000, 1500, 2000, 3000, 5000, 7000, 10000, 15000, 20000, 30000, 45000,
    60000, 90000, 120000, 180000, 300000, 420000, 600000, 900000, 1200000, 1800000, 2700000,
    3600000, 5400000, 7200000, 10800000, 18000000, 28800000, 43200000, 64800000,
    86400000, 172800000, 259200000, 432000000, 604800000, 1209600000, 2592000000
  }'::bigint[]
$$;
