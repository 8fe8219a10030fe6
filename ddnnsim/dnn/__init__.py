"""The distributed DNN itself: data sets, layers, joint training, and the oracle that answers for it.

The only package that uses torch, and only in the modules that compute: what is in the cache is found
without (`cache`, `oracle`, `trained`, `datasets`), since importing torch takes longer than a short run.
"""
