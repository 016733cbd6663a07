/* SPDX-License-Identifier: GPL-2.0-only */

/*
 * Freeing page tables by RCU, for SPIN: the work that our own search is compared on.
 *
 * What happens, in words, and what each macro means: README.md, beside this file.  Without
 * any -D this is P1; `spin -a -DNW=2 -DAF=1 ... rcu_tables.pml` makes another.
 *
 * One d_step is one atomic step, as in rcu_tables.m, so that states can be compared: without
 * its reduction SPIN stores exactly the states of that model without its symmetry.  Shapes
 * that follow from this, and are not to be tidied away:
 *
 * - A branch that the kernel takes in the same breath as a step stands in the step's guard:
 *   an `if` after the step would be a step more.
 * - An `if` with one option stands where a `goto` leads to: SPIN lets none lead to a d_step.
 * - Nobody's last step ends its process: SPIN reaps ended processes youngest first, each
 *   reaping a step, and an order among them that stands for nothing.  They block at an end
 *   label for good, and blocking anywhere else is what SPIN reports as a deadlock.
 * - No process is made by another: `init` would stay in every state to the end.
 */

#ifndef NU
#define NU  1	/* unmappers, each with a gather of its own */
#endif
#ifndef NT
#define NT  2	/* tables that each of them takes down */
#endif
#ifndef CAP
#define CAP 4	/* tables that a batch takes */
#endif
#ifndef AF
#define AF  0	/* may the batch's page be refused? */
#endif
#ifndef NW
#define NW  1	/* software walkers, IRQs off */
#endif
#ifndef NH
#define NH  0	/* hardware walkers */
#endif
#ifndef MM
#define MM  2	/* mm_users at the start */
#endif
#ifndef DEC
#define DEC 0	/* does a software walker drop its mm_user in the end? */
#endif
#ifndef FIX
#define FIX 0	/* are translations invalidated before every free? */
#endif

/*
 * SPIN numbers active processes as they stand below: first the walkers and the unmappers,
 * whose number is their CPU, then a process for each unmapper's callbacks, and at last one
 * for each CPU that gets an IPI.  One unmapper alone, on the last CPU, gets none.
 */
#define CPUS  (NW + NH + NU)
#if NU == 1
#define IPI_CPUS (NW + NH)
#else
#define IPI_CPUS CPUS
#endif

#define cpu     (_pid)				/* in a walker */
#define h       (_pid - NW)			/* in a hardware walker */
#define u       ((_pid - NW - NH) % NU)		/* in an unmapper, and in its callbacks */
#define ipi_cpu (_pid - CPUS - NU)		/* in interrupts() */

/* Sets of tables and sets of CPUs are bytes, a bit for each. */
#define TABLES        (NU * NT)
#define TABLE(i)      (1 << (u * NT + (i)))
#define ALL_TABLES_OF_U (((1 << NT) - 1) << (u * NT))
#define LOWEST(set)   ((set) & -(set))
#define IS_ONE(set)   (((set) & ((set) - 1)) == 0)
#define OTHER_CPUS    (((1 << CPUS) - 1) & ~(1 << cpu))

byte linked = (1 << TABLES) - 1;
byte freed = 0;
byte mm_users = MM;
byte irqs_off = 0;
byte ipi_pending[NU];		/* CPUs that have not yet taken this unmapper's IPI */
#if NH > 0
byte cached[NH];		/* tables in the walk cache of each hardware walker */
#endif

/*
 * The batches that unmapper u has given to RCU, oldest first, are in slots u * NT and up: it
 * never has more of them than tables.  They move up when the oldest is freed, for a place in
 * the queue that did not change would remember how many batches there have been before.
 */
byte batch[TABLES];		/* its tables */
byte waits_for[TABLES];		/* CPUs that its grace period waits for */
byte queued[NU];		/* how many */
bit done[NU];			/* this unmapper gives no more of them */

#define OLDEST    (u * NT)
#define LAST_SLOT (u * NT + NT - 1)
#define FREE_SLOT (u * NT + queued[u])

hidden byte n;			/* for loops inside a step: no part of the state */

/* No double free. */
#define FREE(tables)	assert((freed & (tables)) == 0); freed = freed | (tables)

/* No use after free. */
#define ACCESS(table)	assert((freed & (1 << (table))) == 0)

/* All walk caches at once.  The IPI that makes other CPUs do so is a matter of the arch. */
inline invalidate() {
#if NH > 0
	for (n : 0 .. NH - 1) {
		cached[n] = 0
	}
	n = 0
#else
	skip
#endif
}

#if NW > 0
/* get_user_pages_fast(): no lock and no reference; IRQs off are all that holds the tables. */
active [NW] proctype software_walker() {
	byte j = 0;

	d_step { irqs_off = irqs_off | (1 << cpu) };
read:
	if
	:: d_step { linked & (1 << j) };
		d_step { ACCESS(j) };
		/* Twice, so that a table may be freed between two looks at it. */
		if
		:: d_step { j + 1 < TABLES -> ACCESS(j); j++ };			goto read
		:: d_step { j + 1 == TABLES -> ACCESS(j); j = 0 };		goto leave
		fi
	:: d_step { !(linked & (1 << j)) && j + 1 < TABLES -> j++ };		goto read
	:: d_step { !(linked & (1 << j)) && j + 1 == TABLES -> j = 0 };		goto leave
	fi;
leave:
	/* Every grace period that waits for this CPU has seen it pass. */
	if
	:: d_step {
		irqs_off = irqs_off & ~(1 << cpu);
		for (n : 0 .. TABLES - 1) {
			waits_for[n] = waits_for[n] & ~(1 << cpu)
		}
		n = 0 }
	fi;
#if DEC
	d_step { mm_users-- };
#endif
end_walker:
	false
}
#endif

#if NH > 0
/* A walk goes on from a table that is still in the cache, and has then left it. */
#define GO_ON_FROM(table)						\
	assert((cached[h] & freed & (1 << (table))) == 0);		\
	cached[h] = cached[h] & ~(1 << (table))

/* No IRQ state and no RCU holds hardware: only an invalidate makes it forget a table. */
active [NH] proctype hardware_walker() {
	byte j = 0;

read:
	if
	:: d_step { linked & (1 << j) -> cached[h] = cached[h] | (1 << j) };
		if
		:: d_step { j + 1 < TABLES -> GO_ON_FROM(j); j++ };		goto read
		:: d_step { j + 1 == TABLES -> GO_ON_FROM(j); j = 0 };		goto end_walker
		fi
	:: d_step { !(linked & (1 << j)) && j + 1 < TABLES -> j++ };		goto read
	:: d_step { !(linked & (1 << j)) && j + 1 == TABLES -> j = 0 };		goto end_walker
	fi;
end_walker:
	false
}
#endif

#define LAST (i + 1 == NT)

/* tlb_remove_table() with a batch at hand, when `when`: add, and go on with what is next. */
#define ADD_TABLE(when)								\
	:: d_step { (when) && nr + 1 == CAP ->					\
		open = open | TABLE(i); nr++ };			goto batch_is_full	\
	:: d_step { (when) && nr + 1 < CAP && !LAST ->				\
		open = open | TABLE(i); nr++; i++ };		goto unlink	\
	:: d_step { (when) && nr + 1 < CAP && LAST ->				\
		open = open | TABLE(i); nr++; i++ };		goto flush

/* The grace period waits for CPUs whose IRQs are off now, not for those that follow. */
#define CALL_RCU								\
	batch[FREE_SLOT] = open; waits_for[FREE_SLOT] = irqs_off; queued[u]++;	\
	open = 0; nr = 0

active [NU] proctype unmapper() {
	byte i = 0;	/* the table in hand */
	byte open = 0;	/* the open batch: its tables ... */
	byte nr = 0;	/* ... and how many they are */

unlink:
	if :: d_step { linked = linked & ~TABLE(i) } fi;

	/* With one user left nobody else walks these tables, or so the fast path believes. */
	if
	:: d_step { mm_users < 2 };
#if FIX
		d_step { invalidate() };
#endif
		goto free_now
	:: d_step { mm_users >= 2 && nr == 0 };
		goto allocate
	ADD_TABLE(mm_users >= 2 && nr > 0)
	fi;

allocate:
	if
	ADD_TABLE(true)
#if AF
	/* tlb_remove_table_one(): no batch, so an IPI taken by everybody is the grace period. */
	:: d_step { true };
#if FIX
		d_step { invalidate() };
#endif
		d_step { ipi_pending[u] = OTHER_CPUS };
		d_step { ipi_pending[u] == 0 };
		goto free_now
#endif
	fi;

free_now:
	if
	:: d_step { !LAST -> FREE(TABLE(i)); i++ };	goto unlink
	:: d_step { LAST -> FREE(TABLE(i)); i++ };	goto flush
	fi;

batch_is_full:
#if FIX
	if :: d_step { invalidate() } fi;
#endif
	if
	:: d_step { !LAST -> CALL_RCU; i++ };		goto unlink
	:: d_step { LAST -> CALL_RCU; i++ };		goto flush
	fi;

flush:
	if
	:: d_step { nr == 0 -> invalidate(); done[u] = 1 }
	:: d_step { nr > 0 -> invalidate() };
		d_step { CALL_RCU; done[u] = 1 }
	fi;
end_unmapper:
	false
}

/* The callbacks of one unmapper's batches, in the order of their call_rcu(). */
active [NU] proctype rcu() {
wait:
	if
	:: d_step { queued[u] > 0 && waits_for[OLDEST] == 0 };
		goto free_batch
	:: d_step { queued[u] == 0 && done[u] ->
		assert((freed & ALL_TABLES_OF_U) == ALL_TABLES_OF_U) };	/* nothing is lost */
		goto end_rcu
	fi;

free_batch:
	if
	:: d_step { !IS_ONE(batch[OLDEST]) ->
		FREE(LOWEST(batch[OLDEST]));
		batch[OLDEST] = batch[OLDEST] & (batch[OLDEST] - 1) };	goto free_batch
	:: d_step { IS_ONE(batch[OLDEST]) ->
		FREE(batch[OLDEST]);
		batch[OLDEST] = 0 }
	fi;
	/* The batch's own page. */
	d_step {
		for (n : OLDEST .. LAST_SLOT - 1) {
			batch[n] = batch[n + 1];
			waits_for[n] = waits_for[n + 1]
		}
		n = 0;
		batch[LAST_SLOT] = 0;
		waits_for[LAST_SLOT] = 0;
		queued[u]--
	};
	goto wait;
end_rcu:
	false
}

#if AF
/* A CPU takes an IPI only while its IRQs are on: that is why IRQs off hold a table. */
#define TAKE_IPI_OF(sender)							\
	d_step { (ipi_pending[sender] & ~irqs_off & (1 << ipi_cpu)) ->		\
		ipi_pending[sender] = ipi_pending[sender] & ~(1 << ipi_cpu) }

active [IPI_CPUS] proctype interrupts() {
end_interrupts:
	do
	:: TAKE_IPI_OF(0)
#if NU == 2
	:: TAKE_IPI_OF(1)
#elif NU > 2
#error interrupts() knows two unmappers
#endif
	od
}
#endif
