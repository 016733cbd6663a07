-- SPDX-License-Identifier: GPL-2.0-only

-- Freeing page tables by RCU, for rumur: the work that our own search is compared on.
--
-- What happens, in words, and what each constant means: README.md, beside this file.  As it
-- stands this is P1; peers.py puts another scenario's numbers in the place of these.
--
-- One rule is one atomic step, as in rcu_tables.pml, so that states can be compared.  Walkers
-- of a kind are alike in all that they do, and so scalarsets: of states that differ only in
-- which walker is which, one is kept.  SPIN cannot do this, which makes rumur the fairer peer.
-- Unmappers are not alike: walkers visit the tables of the first one first.

const
  NU: 1;     -- unmappers, each with a gather of its own
  NT: 2;     -- tables that each of them takes down
  CAP: 4;    -- tables that a batch takes
  AF: 0;     -- may the batch's page be refused?
  NW: 1;     -- software walkers, IRQs off
  NH: 0;     -- hardware walkers
  MM: 2;     -- mm_users at the start
  DEC: 0;    -- does a software walker drop its mm_user in the end?
  FIX: 0;    -- are translations invalidated before every free?

const
  TABLES: NU * NT;

type
  unmapper: 0 .. NU - 1;
  table: 0 .. TABLES - 1;
  place: 0 .. NT - 1;               -- of a table among its unmapper's, or of a batch in its queue
  -- A scalarset is never empty.  Where a scenario has no such walker, one that has already
  -- ended stands in, and nobody waits for it.
  walker: scalarset (NW = 0 ? 1 : NW);
  hardware: scalarset (NH = 0 ? 1 : NH);
  tables: array [table] of boolean;

  batch: record
    holds: tables;
    waits_for: array [walker] of boolean;   -- software walkers, the only ones with IRQs off
  end;

  unmapper_step: enum { unlink, look_at_users, allocate, send_ipi, await_ipi, free_now,
                        invalidate_and_free, invalidate_and_send, invalidate_and_call,
                        call, flush, call_last, unmapper_done };
  rcu_step: enum { await_grace_period, free_table, free_page, rcu_done };
  walker_step: enum { irqs_off, read, first_access, second_access, irqs_on, drop_user, walker_done };
  hardware_step: enum { fill, go_on, hardware_done };

var
  linked: tables;
  freed: tables;
  mm_users: 0 .. MM;

  unmappers: array [unmapper] of record
    step: unmapper_step;
    i: 0 .. NT;                     -- the table in hand
    open: tables;                   -- the open batch
    nr: 0 .. CAP;                   -- tables in it
    ipi_to_walker: array [walker] of boolean;       -- CPUs that have not yet taken its IPI
    ipi_to_hardware: array [hardware] of boolean;
    ipi_to_unmapper: array [unmapper] of boolean;
  end;

  -- An unmapper never has more batches than tables.  The oldest is in place 0.
  callbacks: array [unmapper] of record
    step: rcu_step;
    queue: array [place] of batch;
    queued: 0 .. NT;
  end;

  walkers: array [walker] of record
    step: walker_step;
    j: table;
    irqs_are_off: boolean;
  end;

  walks: array [hardware] of record
    step: hardware_step;
    j: table;
    cached: tables;                 -- its walk cache
  end;

function table_of(u: unmapper; i: place): table;
begin
  return u * NT + i;
end;

procedure free(t: table);
begin
  assert "no double free" !freed[t];
  freed[t] := true;
end;

-- All walk caches at once.  The IPI that makes other CPUs do so is a matter of the arch.
procedure invalidate();
begin
  for h: hardware do
    clear walks[h].cached;
  end;
end;

procedure next_table(u: unmapper);
begin
  unmappers[u].i := unmappers[u].i + 1;
  unmappers[u].step := unmappers[u].i < NT ? unlink : flush;
end;

-- tlb_remove_table() with a batch at hand.
procedure add_table(u: unmapper);
begin
  alias me: unmappers[u] do
    me.open[table_of(u, me.i)] := true;
    me.nr := me.nr + 1;
    if me.nr = CAP then
      me.step := FIX = 1 ? invalidate_and_call : call;
    else
      next_table(u);
    end;
  end;
end;

-- The grace period waits for CPUs whose IRQs are off now, not for those that follow.
procedure call_rcu(u: unmapper);
begin
  alias me: unmappers[u]; its: callbacks[u] do
    its.queue[its.queued].holds := me.open;
    for w: walker do
      its.queue[its.queued].waits_for[w] := walkers[w].irqs_are_off;
    end;
    its.queued := its.queued + 1;
    clear me.open;
    me.nr := 0;
  end;
end;

procedure next_read(w: walker);
begin
  alias me: walkers[w] do
    if me.j + 1 < TABLES then
      me.j := me.j + 1;
      me.step := read;
    else
      me.j := 0;
      me.step := irqs_on;
    end;
  end;
end;

procedure next_fill(h: hardware);
begin
  alias me: walks[h] do
    if me.j + 1 < TABLES then
      me.j := me.j + 1;
      me.step := fill;
    else
      me.j := 0;
      me.step := hardware_done;
    end;
  end;
end;

startstate
begin
  clear freed;
  clear unmappers;
  clear callbacks;
  clear walkers;
  clear walks;
  for t: table do
    linked[t] := true;
  end;
  mm_users := MM;
  for u: unmapper do
    unmappers[u].step := unlink;
    callbacks[u].step := await_grace_period;
  end;
  for w: walker do
    walkers[w].step := NW = 0 ? walker_done : irqs_off;
  end;
  for h: hardware do
    walks[h].step := NH = 0 ? hardware_done : fill;
  end;
end;

ruleset u: unmapper do alias me: unmappers[u] do

  rule "unlink" me.step = unlink ==>
  begin
    linked[table_of(u, me.i)] := false;
    me.step := look_at_users;
  end;

  -- With one user left nobody else walks these tables, or so the fast path believes.
  rule "look at mm_users" me.step = look_at_users ==>
  begin
    if mm_users < 2 then
      me.step := FIX = 1 ? invalidate_and_free : free_now;
    elsif me.nr > 0 then
      add_table(u);
    else
      me.step := allocate;
    end;
  end;

  rule "get a page for the batch" me.step = allocate ==>
  begin
    add_table(u);
  end;

  -- tlb_remove_table_one(): no batch, so an IPI taken by everybody is the grace period.
  rule "get no page" AF = 1 & me.step = allocate ==>
  begin
    me.step := FIX = 1 ? invalidate_and_send : send_ipi;
  end;

  rule "send the IPI" me.step = send_ipi ==>
  begin
    for w: walker do
      me.ipi_to_walker[w] := NW > 0;
    end;
    for h: hardware do
      me.ipi_to_hardware[h] := NH > 0;
    end;
    for other: unmapper do
      me.ipi_to_unmapper[other] := other != u;
    end;
    me.step := await_ipi;
  end;

  rule "all have taken the IPI" me.step = await_ipi
      & (forall w: walker do !me.ipi_to_walker[w] end)
      & (forall h: hardware do !me.ipi_to_hardware[h] end)
      & (forall other: unmapper do !me.ipi_to_unmapper[other] end) ==>
  begin
    me.step := free_now;
  end;

  rule "free at once" me.step = free_now ==>
  begin
    free(table_of(u, me.i));
    next_table(u);
  end;

  rule "invalidate"
    me.step = invalidate_and_free | me.step = invalidate_and_send | me.step = invalidate_and_call ==>
  begin
    invalidate();
    switch me.step
      case invalidate_and_free: me.step := free_now;
      case invalidate_and_send: me.step := send_ipi;
      case invalidate_and_call: me.step := call;
    end;
  end;

  rule "call_rcu, the batch is full" me.step = call ==>
  begin
    call_rcu(u);
    next_table(u);
  end;

  rule "flush the TLB" me.step = flush ==>
  begin
    invalidate();
    me.step := me.nr > 0 ? call_last : unmapper_done;
  end;

  rule "call_rcu, the last batch" me.step = call_last ==>
  begin
    call_rcu(u);
    me.step := unmapper_done;
  end;

end; end;

-- The callbacks of one unmapper's batches, in the order of their call_rcu().
ruleset u: unmapper do alias its: callbacks[u] do

  rule "the grace period ends" its.step = await_grace_period & its.queued > 0
      & (forall w: walker do !its.queue[0].waits_for[w] end) ==>
  begin
    its.step := free_table;
  end;

  rule "free a table of the batch" its.step = free_table ==>
  var
    freed_one, more: boolean;
  begin
    freed_one := false;
    more := false;
    for t: table do
      if its.queue[0].holds[t] then
        if freed_one then
          more := true;
        else
          free(t);
          its.queue[0].holds[t] := false;
          freed_one := true;
        end;
      end;
    end;
    its.step := more ? free_table : free_page;
  end;

  -- The batch's own page.
  rule "free the batch" its.step = free_page ==>
  begin
    for p: place do
      if p + 1 < NT then
        its.queue[p] := its.queue[p + 1];
      end;
    end;
    clear its.queue[NT - 1];
    its.queued := its.queued - 1;
    its.step := await_grace_period;
  end;

  rule "no batch is left and none will come"
    its.step = await_grace_period & its.queued = 0 & unmappers[u].step = unmapper_done ==>
  begin
    for i: place do
      assert "no table is lost" freed[table_of(u, i)];
    end;
    its.step := rcu_done;
  end;

end; end;

-- get_user_pages_fast(): no lock and no reference; IRQs off are all that holds the tables.
ruleset w: walker do alias me: walkers[w] do

  rule "IRQs off" me.step = irqs_off ==>
  begin
    me.irqs_are_off := true;
    me.step := read;
  end;

  rule "read" me.step = read ==>
  begin
    if linked[me.j] then
      me.step := first_access;
    else
      next_read(w);
    end;
  end;

  -- Twice, so that a table may be freed between two looks at it.
  rule "access" me.step = first_access | me.step = second_access ==>
  begin
    assert "no use after free" !freed[me.j];
    if me.step = first_access then
      me.step := second_access;
    else
      next_read(w);
    end;
  end;

  -- Every grace period that waits for this CPU has seen it pass.
  rule "IRQs on" me.step = irqs_on ==>
  begin
    me.irqs_are_off := false;
    for u: unmapper do
      for p: place do
        callbacks[u].queue[p].waits_for[w] := false;
      end;
    end;
    me.step := DEC = 1 ? drop_user : walker_done;
  end;

  rule "mmput" me.step = drop_user ==>
  begin
    mm_users := mm_users - 1;
    me.step := walker_done;
  end;

end; end;

-- No IRQ state and no RCU holds hardware: only an invalidate makes it forget a table.
ruleset h: hardware do alias me: walks[h] do

  rule "fill" me.step = fill ==>
  begin
    if linked[me.j] then
      me.cached[me.j] := true;
      me.step := go_on;
    else
      next_fill(h);
    end;
  end;

  -- A walk goes on from a table that is still in the cache, and has then left it.
  rule "go on from the table" me.step = go_on ==>
  begin
    assert "no use after free" !(me.cached[me.j] & freed[me.j]);
    me.cached[me.j] := false;
    next_fill(h);
  end;

end; end;

-- A CPU takes an IPI only while its IRQs are on: that is why IRQs off hold a table.
ruleset u: unmapper do

  ruleset w: walker do
    rule "a software walker's CPU takes the IPI"
      unmappers[u].ipi_to_walker[w] & !walkers[w].irqs_are_off ==>
    begin
      unmappers[u].ipi_to_walker[w] := false;
    end;
  end;

  ruleset h: hardware do
    rule "a hardware walker's CPU takes the IPI" unmappers[u].ipi_to_hardware[h] ==>
    begin
      unmappers[u].ipi_to_hardware[h] := false;
    end;
  end;

  ruleset other: unmapper do
    rule "an unmapper's CPU takes the IPI" unmappers[u].ipi_to_unmapper[other] ==>
    begin
      unmappers[u].ipi_to_unmapper[other] := false;
    end;
  end;

end;

-- Where all have ended, rumur is to see a step: everywhere else, to have none is a deadlock.
rule "all have ended"
  (forall u: unmapper do unmappers[u].step = unmapper_done & callbacks[u].step = rcu_done end)
  & (forall w: walker do walkers[w].step = walker_done end)
  & (forall h: hardware do walks[h].step = hardware_done end) ==>
begin
end;
