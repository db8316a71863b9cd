-- The next sub-step of a step comes after the last, which is looked up here: of thousands, each looked through all before it.
drop index stepcast.steps_by_parent;
create index steps_by_parent on stepcast.steps (parent_id, sequence) where parent_id is not null;
