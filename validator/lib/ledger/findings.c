/* The list of what is wrong. */
#include "ledger/ledger.h"

void ledger_add_finding(struct ledger *ledger, const struct ledger_finding *finding)
{
	struct ledger_finding *grown =
		list_grown_in(&ledger->arena, ledger->findings, ledger->finding_count,
			      &ledger->finding_room, sizeof(*grown));
	if (!grown)
		return;
	ledger->findings = grown;
	grown[ledger->finding_count++] = *finding;
}
