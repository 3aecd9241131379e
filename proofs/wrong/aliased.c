// wp-model: ref
/* SPDX-License-Identifier: MIT */
/* The memory model of the control-block units takes two pointers never to be equal; with -wp-check-memory-model
 * every call owes that as a goal. The two must go together: this call must not be provable.
 * must-fail: separated */
struct part {
    unsigned x;
};
struct whole {
    struct part a, b;
};
/*@ requires \valid(u) && \valid(v);
    terminates \true;
    assigns u->x;
    ensures kept: v->x == \old(v->x);
    ensures set: u->x == 1; */
void set(struct part *u, struct part *v);

/*@ requires \valid(c) && c->a.x == 0;
    terminates \true;
    assigns c->a.x;
    ensures contradiction: \false; */
void bad(struct whole *c)
{
    set(&c->a, &c->a);
}
