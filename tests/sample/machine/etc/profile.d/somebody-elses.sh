# Another one.
export EDITOR=vi
