-- A database for each store; Sociale Signalen are never beside anything else.
create database besluiten;
create database toegang;
create database signalen;
create database mlflow;
create database dagster;
