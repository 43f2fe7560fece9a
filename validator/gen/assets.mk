# Files of reports/ built into the program; adds to GEN_OBJ.
