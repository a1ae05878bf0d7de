import type { GraphQLResolveInfo } from 'graphql';
import type { PayrollRecord, Account, Slip } from '../records.ts';
import type { PayrollContext } from '../resolvers.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
};

export type BankAccount = {
  __typename?: 'BankAccount';
  bic?: Maybe<Scalars['String']['output']>;
  holder: Scalars['String']['output'];
  iban: Scalars['String']['output'];
  primary: Scalars['Boolean']['output'];
};

export type BankAccountInput = {
  bic?: InputMaybe<Scalars['String']['input']>;
  holder: Scalars['String']['input'];
  iban: Scalars['String']['input'];
};

export type Employee = {
  __typename?: 'Employee';
  /** The account that the salary is paid to comes first. */
  bankAccounts: Array<BankAccount>;
  id: Scalars['ID']['output'];
  /** Newest first; at most twelve. */
  payslips: Array<Payslip>;
  salary?: Maybe<Salary>;
};


export type EmployeePayslipsArgs = {
  last?: InputMaybe<Scalars['Int']['input']>;
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Replaces the account that the salary is paid to; null where the employee has no record. */
  updateBankAccount?: Maybe<BankAccount>;
};


export type MutationUpdateBankAccountArgs = {
  employeeId: Scalars['ID']['input'];
  input: BankAccountInput;
};

export type PayPeriod =
  | 'MONTH'
  | 'YEAR';

export type Payslip = {
  __typename?: 'Payslip';
  gross: Scalars['Float']['output'];
  id: Scalars['ID']['output'];
  /** As in 2026-03. */
  month: Scalars['String']['output'];
  net: Scalars['Float']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** One entry per id, in the order asked for; null for an id that has no record. */
  employeesById: Array<Maybe<Employee>>;
  payslip?: Maybe<Payslip>;
};


export type QueryEmployeesByIdArgs = {
  ids: Array<Scalars['ID']['input']>;
};


export type QueryPayslipArgs = {
  id: Scalars['ID']['input'];
};

export type Salary = {
  __typename?: 'Salary';
  amount: Scalars['Float']['output'];
  /** ISO 4217. */
  currency: Scalars['String']['output'];
  period: PayPeriod;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  BankAccount: ResolverTypeWrapper<Account>;
  BankAccountInput: BankAccountInput;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Employee: ResolverTypeWrapper<PayrollRecord>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PayPeriod: PayPeriod;
  Payslip: ResolverTypeWrapper<Slip>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Salary: ResolverTypeWrapper<Salary>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  BankAccount: Account;
  BankAccountInput: BankAccountInput;
  Boolean: Scalars['Boolean']['output'];
  Employee: PayrollRecord;
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Mutation: Record<PropertyKey, never>;
  Payslip: Slip;
  Query: Record<PropertyKey, never>;
  Salary: Salary;
  String: Scalars['String']['output'];
};

export type BankAccountResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['BankAccount'] = ResolversParentTypes['BankAccount']> = {
  bic?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  holder?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  iban?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  primary?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type EmployeeResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['Employee'] = ResolversParentTypes['Employee']> = {
  bankAccounts?: Resolver<Array<ResolversTypes['BankAccount']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  payslips?: Resolver<Array<ResolversTypes['Payslip']>, ParentType, ContextType, RequireFields<EmployeePayslipsArgs, 'last'>>;
  salary?: Resolver<Maybe<ResolversTypes['Salary']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  updateBankAccount?: Resolver<Maybe<ResolversTypes['BankAccount']>, ParentType, ContextType, RequireFields<MutationUpdateBankAccountArgs, 'employeeId' | 'input'>>;
};

export type PayslipResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['Payslip'] = ResolversParentTypes['Payslip']> = {
  gross?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  month?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  net?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  employeesById?: Resolver<Array<Maybe<ResolversTypes['Employee']>>, ParentType, ContextType, RequireFields<QueryEmployeesByIdArgs, 'ids'>>;
  payslip?: Resolver<Maybe<ResolversTypes['Payslip']>, ParentType, ContextType, RequireFields<QueryPayslipArgs, 'id'>>;
};

export type SalaryResolvers<ContextType = PayrollContext, ParentType extends ResolversParentTypes['Salary'] = ResolversParentTypes['Salary']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  period?: Resolver<ResolversTypes['PayPeriod'], ParentType, ContextType>;
};

export type Resolvers<ContextType = PayrollContext> = {
  BankAccount?: BankAccountResolvers<ContextType>;
  Employee?: EmployeeResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Payslip?: PayslipResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Salary?: SalaryResolvers<ContextType>;
};

