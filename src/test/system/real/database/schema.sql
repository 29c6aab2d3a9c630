create table entry (id serial primary key, account text not null, amount numeric(12, 2) not null);
insert into entry (account, amount) select 'account ' || i % 10, i from generate_series(1, 1000) as i;
create view ready as select 1 from entry limit 1;
