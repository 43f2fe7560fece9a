#!/bin/sh
# Both schema engines give one verdict on mutants of the good messages; scripts/differential tries more.
set -eu
program="$(dirname "$CPIS_PROGRAM")/differential"
whole=4000
each=2000
case ${MODE:-} in san | tsan)
	whole=500
	each=200
	echo '[  SHORT   ] 500 mutants for 4,000, and 200 for 2,000'
	;;
esac
"$program" -s 7 "$whole"
for schema in cpis-dms-1.0/smsp-query-response itk-201005/envelope itk-201005/infrastructure-response; do
	echo "$schema:"
	"$program" -s 11 -r "$schema.xsd" "$each"
done
echo "both schema engines give one verdict on $whole mutants, and on $each of each root of the mini service"
