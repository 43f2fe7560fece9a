#!/bin/sh
# Both schema engines give one verdict on mutants of the good messages; scripts/differential tries more.
set -eu
program="$(dirname "$CPIS_PROGRAM")/differential"
"$program" -s 7 4000
for schema in cpis-dms-1.0/smsp-query-response itk-201005/envelope itk-201005/infrastructure-response; do
	echo "$schema:"
	"$program" -s 11 -r "$schema.xsd" 2000
done
echo 'both schema engines give one verdict on 4,000 mutants, and on 2,000 of each root of the mini service'
