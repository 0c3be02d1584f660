"""Assets, one file per step of the flow: deliveries, run input, warehouse, release.

Assets are thin: read, call one function, write, report counts and a picture.
"""
